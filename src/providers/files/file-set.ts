import {
  chownSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface RenderedFile {
  /** Relative to the set. */
  path: string;
  mode: number;
  text: string;
}

/** What is remembered of a set beside it. */
export interface SetState {
  fingerprint: string;
}

/**
 * Replaces all files of a set in one step: a new directory is filled, then the symlink `live` is
 * renamed onto the old one (rename(2) is atomic), then older directories go. Owner and mode of each
 * file are right before its first byte is written.
 */
export function replaceSet(directory: string, user: number, files: RenderedFile[]): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const generation = `set-${Date.now().toString(36)}-${process.pid.toString(36)}`;
  const target = join(directory, generation);
  makeDirectory(target, user);
  for (const file of files) writeFile(target, user, file);
  const link = join(directory, 'live.new');
  rmSync(link, { force: true });
  symlinkSync(generation, link);
  renameSync(link, join(directory, 'live'));
  for (const name of readdirSync(directory))
    if (name.startsWith('set-') && name !== generation) rmSync(join(directory, name), { recursive: true });
}

function writeFile(target: string, user: number, { path, mode, text }: RenderedFile): void {
  for (const parent of parentsOf(path)) makeDirectory(join(target, parent), user);
  const fd = openSync(join(target, path), 'wx', 0o600);
  try {
    fchownSync(fd, user, user);
    fchmodSync(fd, mode);
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function makeDirectory(path: string, user: number): void {
  mkdirSync(path, { recursive: true, mode: 0o500 });
  chownSync(path, user, user);
}

function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : [...parentsOf(parent), parent];
}

export function readState(directory: string): SetState | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(directory), 'utf8')) as SetState;
  } catch {
    return undefined;
  }
}

export function writeState(directory: string, state: SetState): void {
  const file = stateFile(directory);
  const fd = openSync(`${file}.new`, 'w', 0o600);
  writeSync(fd, JSON.stringify(state));
  closeSync(fd);
  renameSync(`${file}.new`, file);
}

/** Beside the directory, so that the container does not see it. */
function stateFile(directory: string): string {
  return join(dirname(directory), `.${basename(directory)}.json`);
}
