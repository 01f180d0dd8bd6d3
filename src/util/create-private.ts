import { closeSync, openSync } from 'node:fs';

/**
 * Makes an empty file with mode 0600 where there is none. One that exists is not even opened: closing it
 * would free all locks this process holds on it (fcntl(2)).
 */
export function createPrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
