import { runBounded } from '../../util/run-bounded.ts';
import { LARGEST, type Reading, readingOf } from './value.ts';

/** nobody and nogroup, the same on every Debian (base-passwd, users-and-groups). */
const NOBODY = { uid: 65_534, gid: 65_534 };
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The value a command prints. It is run by nobody where this process may choose, without a shell and with a
 * PATH as its only variable. What it says on standard error is read by nobody: it may be the value.
 */
export async function readCommand(argv: string[], seconds: number, signal: AbortSignal): Promise<Reading> {
  const { fault, output } = await runBounded(argv, {
    ...{ timeout: seconds * 1000, limit: LARGEST, env: { PATH }, signal },
    ...(process.getuid?.() === 0 ? { user: NOBODY } : {}),
  });
  return fault === undefined ? readingOf(output) : { fault };
}
