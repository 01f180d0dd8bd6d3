import { readFileSync, statSync } from 'node:fs';
import { PersonFault } from '../../util/errors.ts';

/** Bytes a list may have: half a million names. */
const LARGEST = 16 * 2 ** 20;

/** The text of a list on this machine. @throws PersonFault where it cannot be had. */
export function readList(path: string): string {
  const problem = problemOf(path);
  if (!problem) return readFileSync(path, 'utf8');
  throw new PersonFault({
    where: path,
    message: `expected a file of at most ${LARGEST / 2 ** 20} MiB; ${problem}; try another path, or take it out of the site file`,
  });
}

function problemOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 'it is not there';
  if (!stat.isFile()) return 'it is no regular file';
  return stat.size > LARGEST ? `it has ${stat.size} bytes` : undefined;
}
