import { messageOf } from '../../util/errors.ts';

/** Milliseconds after which the next address is tried beside those before it: RFC 8305 section 5. */
const DELAY = 250;

/**
 * What the first address says that answers; the next one is begun when one has failed, or the last one has not answered
 * for a while. The others are aborted then. Rejects with what each of them said where none answers.
 */
export function firstOf<T>(
  addresses: string[],
  attempt: (address: string, signal: AbortSignal) => Promise<T>,
  delay = DELAY,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const errors: string[] = [];
    let next = 0;
    let timer: NodeJS.Timeout | undefined;

    function begin(): void {
      clearTimeout(timer);
      const address = addresses[next++];
      if (address === undefined || done.signal.aborted) return;
      timer = setTimeout(begin, delay);
      attempt(address, done.signal).then(succeeded, (error) => failed(`${address}: ${messageOf(error)}`));
    }
    function succeeded(value: T): void {
      clearTimeout(timer);
      done.abort();
      resolve(value);
    }
    function failed(error: string): void {
      errors.push(error);
      if (errors.length === addresses.length) reject(new Error(errors.join('; ')));
      begin();
    }

    if (addresses.length === 0) reject(new Error('it has no address'));
    begin();
  });
}

/** The addresses of both families by turns, one family first. */
export function byTurns(first: string[], second: string[]): string[] {
  const turns = Array.from({ length: Math.max(first.length, second.length) }, (_, i) => [
    first[i],
    second[i],
  ]);
  return turns.flat().filter((address) => address !== undefined);
}
