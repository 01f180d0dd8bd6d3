import { existsSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { WrittenFile } from '../../model/host-file.ts';
import { PersonFault } from '../../util/errors.ts';
import { hashAt, hashOf, settle, type Wanted } from './place.ts';

/** What was written, by path: hashes and no values. */
export type Written = Record<string, WrittenFile>;

export interface Memory {
  read(): Written;
  write(files: Written): void;
}

/** Noted before the files are switched, so that a run killed at any point is known for what it is. */
export function noteIntent(memory: Memory, set: string, files: Wanted[]): void {
  const written = memory.read();
  for (const { path, text } of files) {
    const known = written[path];
    const was = known?.settled ? known.hash : known?.was;
    written[path] = { set, hash: hashOf(text), settled: false, ...(was === undefined ? {} : { was }) };
  }
  memory.write(written);
}

/** Notes that files are accepted. */
export function noteSettled(memory: Memory, set: string, files: Wanted[]): void {
  const written = memory.read();
  for (const { path, text } of files) {
    settle(path);
    written[path] = { set, hash: hashOf(text), settled: true };
  }
  memory.write(written);
}

/** Notes that what stood before stands again. */
export function noteBefore(memory: Memory, paths: string[], before: Written): void {
  const written = memory.read();
  for (const path of paths) {
    const known = before[path];
    if (known) written[path] = known;
    else delete written[path];
  }
  memory.write(written);
}

/** Removes files that still hold what was written there. Throws for those that do not: they are left, and ours no more. */
export function removeOurs(memory: Memory, paths: string[]): void {
  const written = memory.read();
  const left: string[] = [];
  for (const path of paths) {
    const known = written[path];
    const found = hashAt(path);
    if (found !== undefined && found !== known?.hash && found !== known?.was) left.push(path);
    else rmSync(path, { force: true });
    if (existsSync(dirname(path))) settle(path);
    delete written[path];
  }
  memory.write(written);
  if (left.length === 0) return;
  throw new PersonFault(
    left.map((path) => ({
      where: path,
      message: 'expected what was written there; got another content, so it is left; try removing it by hand',
    })),
  );
}
