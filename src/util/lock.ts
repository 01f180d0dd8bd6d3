import { DatabaseSync } from 'node:sqlite';
import { createPrivate } from './create-private.ts';

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
