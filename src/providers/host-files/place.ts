import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A file as it is to be on this machine. */
export interface Wanted {
  path: string;
  uid: number;
  gid: number;
  mode: number;
  text: string;
}

export function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Hash of what is at a path; undefined where no regular file is. */
export function hashAt(path: string): string | undefined {
  try {
    return lstatSync(path).isFile() ? hashOf(readFileSync(path)) : undefined;
  } catch {
    return undefined;
  }
}

/** Why a file is not as wanted, if it is not. */
export function driftAt({ path, uid, gid, mode, text }: Wanted): string | undefined {
  try {
    const stat = lstatSync(path);
    if (!stat.isFile()) return 'no regular file';
    if (readFileSync(path, 'utf8') !== text) return 'another content';
    if (stat.uid !== uid || stat.gid !== gid) return 'another owner';
    return (stat.mode & 0o7777) === mode ? undefined : 'another mode';
  } catch {
    return 'not there';
  }
}

/**
 * Writes files beside their places, each on the disk before the next; then puts them in place, back to back.
 * Where it throws, all is as it was. The files that were there are kept until {@link settle} or {@link putBack}.
 */
export function switchAll(files: Wanted[]): void {
  const prepared = new Map<string, string>();
  const switched: string[] = [];
  try {
    for (const file of files) prepared.set(file.path, prepare(file));
    for (const [path, temporary] of prepared) {
      keep(path);
      renameSync(temporary, path);
      switched.push(path);
    }
    for (const path of switched) syncDirectory(path);
  } catch (error) {
    for (const temporary of prepared.values()) rmSync(temporary, { force: true });
    putBack(
      files.map(({ path }) => path),
      switched,
    );
    throw error;
  }
}

/**
 * Owner and mode are right before the first byte is. Missing directories are made so that everybody may
 * pass and nobody but root may list.
 */
function prepare({ path, uid, gid, mode, text }: Wanted): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
  const temporary = beside(path, `new-${randomBytes(6).toString('hex')}`);
  const file = openSync(temporary, 'wx', 0o600);
  try {
    fchownSync(file, uid, gid);
    fchmodSync(file, mode);
    writeFileSync(file, text);
    fsyncSync(file);
  } catch (error) {
    rmSync(temporary);
    throw error;
  } finally {
    closeSync(file);
  }
  return temporary;
}

/** One that is kept since a run that was killed was the last to be accepted: it stays. */
function keep(path: string): void {
  if (!existsSync(keptOf(path)) && existsSync(path)) linkSync(path, keptOf(path));
}

/** Puts back what was kept of these; of those `made`, what was not there before goes. */
export function putBack(paths: string[], made: string[]): void {
  for (const path of paths) {
    if (existsSync(keptOf(path))) {
      renameSync(keptOf(path), path);
      settle(path); // where both names are one file still, rename(2) does nothing
    } else if (made.includes(path)) rmSync(path, { force: true });
    else continue;
    syncDirectory(path);
  }
}

/** Drops what was kept, and what a run that was killed had prepared. */
export function settle(path: string): void {
  rmSync(keptOf(path), { force: true });
  const prepared = basename(beside(path, 'new-'));
  const beginnings = readdirSync(dirname(path)).filter((name) => name.startsWith(prepared));
  for (const name of beginnings) rmSync(join(dirname(path), name));
}

function keptOf(path: string): string {
  return beside(path, 'old');
}

/** Hidden, so that programs that read all of a directory leave it alone. */
function beside(path: string, what: string): string {
  return join(dirname(path), `.${basename(path)}.allod-${what}`);
}

function syncDirectory(path: string): void {
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
