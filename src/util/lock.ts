import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Result codes of SQLite (sqlite.org/rescode.html). */
const BUSY = 5;

/**
 * Takes a lock that lives as long as this process and dies with it, however it ends: the kernel frees
 * SQLite's file locks, and children do not inherit them. Undefined where another process holds it.
 */
export function takeLock(file: string): Disposable | undefined {
  createPrivate(file);
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if ((error as { errcode?: number }).errcode === BUSY) return undefined;
    throw error;
  }
  return { [Symbol.dispose]: () => db.close() };
}

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
