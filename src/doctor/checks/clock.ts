import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Check, Finding } from '../check.ts';

const MINUTE = 60_000;

export const clock: Check = {
  id: 'clock',
  title: 'Clock',
  needs: [],
  async run({ stateRoot }) {
    return [judgeClock(Date.now(), lastKnownTime(stateRoot))];
  },
};

/** A time that is past for certain: the latest at which something was written here before. */
interface KnownTime {
  at: number;
  path: string;
}

/** Times in milliseconds since 1970. Certificates and signatures fail when the clock goes backwards. */
export function judgeClock(now: number, known: KnownTime): Finding {
  const behind = known.at - now;
  if (behind < 5 * MINUTE) return { state: 'ok', text: `plausible: ${date(now)}` };
  return {
    state: 'fault',
    text: `the clock says ${date(now)}, which is at least ${Math.round(behind / MINUTE)} minutes behind`,
    evidence: `${known.path} was written at ${date(known.at)}`,
    remedy: 'set the clock (date --set=…) and let a time service such as systemd-timesyncd or chrony keep it',
  };
}

/** The program's own files and the sites' databases, so that no time server has to be asked. */
function lastKnownTime(stateRoot: string): KnownTime {
  const program = join(import.meta.dirname, '../../../package-lock.json');
  const databases = directoryOf(stateRoot).map((site) => join(stateRoot, site, 'state.db'));
  const known = [program, ...databases].map((path) => ({
    path,
    at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  }));
  return known.reduce((latest, one) => (one.at > latest.at ? one : latest));
}

function directoryOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function date(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
