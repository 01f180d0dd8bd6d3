/** The highest serial that was served of each zone: a zone that is made anew must not begin below it (RFC 1982). */
export interface Serials {
  read(): Record<string, number>;
  write(serials: Record<string, number>): void;
}

/** For as long as the process lives. */
export function serialsInMemory(): Serials {
  let serials: Record<string, number> = {};
  return {
    read: () => serials,
    write(next) {
      serials = next;
    },
  };
}

/** Of a zone made at `now`, ms since 1970: the day and the quarter of an hour in it, `2026112449`. */
export function firstSerial(now: number, highest = 0): number {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '');
  const quarter = Math.floor((now % 86_400_000) / 900_000) + 1;
  return Math.max(Number(day) * 100 + quarter, highest + 1);
}

/** Remembers what is served now, where it is more than before. */
export function note(serials: Serials, served: Record<string, number>): void {
  const known = serials.read();
  const more = Object.entries(served).filter(([zone, serial]) => serial > (known[zone] ?? 0));
  if (more.length > 0) serials.write({ ...known, ...Object.fromEntries(more) });
}
