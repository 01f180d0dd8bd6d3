import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../util/errors.ts';
import { ExecError, exec } from '../util/exec.ts';

type Say = (line: string) => void;

/** How long another program may hold apt's locks: a fresh machine often installs updates by itself. */
const PATIENCE = 15 * 60_000;

/** Installs packages without asking anything. Returns why not, in a sentence without its full stop. */
export async function aptInstall(names: string[], say: Say): Promise<string | undefined> {
  const quiet = ['--quiet', '--yes', '--no-install-recommends', '--option=Dpkg::Options::=--force-confold'];
  // An earlier run that was killed may have left dpkg in the middle; apt refuses to go on from there.
  await unlocked(['dpkg', '--configure', '-a'], say).catch(() => {});
  // One unreachable archive must not stop an install that the others can serve, so its fault comes second.
  const update = await unlocked(['apt-get', '--quiet', 'update'], say).catch((error: unknown) => error);
  try {
    await unlocked(['apt-get', ...quiet, 'install', ...names], say);
  } catch (error) {
    const reasons = [error, ...(update === undefined ? [] : [update])].map(reason);
    return [...new Set(reasons)].join('\n');
  }
}

/** Runs a command of apt or dpkg as soon as nobody holds the lock it needs. */
async function unlocked(argv: [string, ...string[]], say: Say): Promise<void> {
  const patientUntil = Date.now() + PATIENCE;
  let holder: string | undefined;
  for (;;) {
    try {
      await exec(argv, { env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' } });
      return;
    } catch (error) {
      const found = lockHolder(error instanceof ExecError ? error.stderr : '');
      if (!found || Date.now() > patientUntil) throw error;
      if (found !== holder) say(`Waiting for ${found}, which is installing packages …`);
      holder = found;
    }
    await sleep(1000);
  }
}

/** `process 123 (apt-get)`, from what apt or dpkg say when somebody holds their lock. */
export function lockHolder(stderr: string): string | undefined {
  const byApt = stderr.match(/Could not get lock .*? held by (process \d+(?: \([^)]*\))?)/);
  const byDpkg = stderr.match(/lock was locked by another (process with pid \d+)/);
  return byApt?.[1] ?? byDpkg?.[1];
}

function reason(error: unknown): string {
  const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return missing ? 'this machine has no apt, and no other way is known here' : messageOf(error);
}
