import {
  chmodSync,
  chownSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
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
  /** It was put in place and the container was not yet seen to use it. */
  pending?: true;
}

/**
 * Replaces all files of a set in one step: a new directory is filled, then the symlink `live` is
 * renamed onto the old one (rename(2) is atomic). Owner and mode of each file are right before its first
 * byte is written. Where it throws, the old set stands. Returns the old set, which stays until
 * {@link forgetOthers}.
 */
export function replaceSet(directory: string, user: number, files: RenderedFile[]): string | undefined {
  const previous = liveSet(directory);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const target = mkdtempSync(join(directory, 'set-'));
  try {
    chmodSync(target, 0o500);
    chownSync(target, user, user);
    for (const file of files) writeFile(target, user, file);
    makeLive(directory, basename(target));
  } catch (error) {
    rmSync(target, { recursive: true, force: true });
    throw error;
  }
  return previous;
}

/** Puts a set in place that is there already. */
export function makeLive(directory: string, set: string): void {
  const link = join(directory, 'live.new');
  rmSync(link, { force: true });
  symlinkSync(set, link);
  renameSync(link, join(directory, 'live'));
}

/** Takes every set away but the one in place: its values are used no longer. */
export function forgetOthers(directory: string): void {
  const live = liveSet(directory);
  for (const name of readdirSync(directory))
    if (name.startsWith('set-') && name !== live) rmSync(join(directory, name), { recursive: true });
}

function liveSet(directory: string): string | undefined {
  try {
    return readlinkSync(join(directory, 'live'));
  } catch {
    return undefined;
  }
}

/** Why a file of the live set is not as it was written, if it is not. */
export function driftOf(directory: string, user: number, file: RenderedFile): string | undefined {
  const path = join(directory, 'live', file.path);
  try {
    const { uid, gid, mode } = lstatSync(path);
    if (uid !== user || gid !== user) return 'another owner';
    if ((mode & 0o7777) !== file.mode) return 'another mode';
    return readFileSync(path, 'utf8') === file.text ? undefined : 'another content';
  } catch {
    return 'not there';
  }
}

function writeFile(target: string, user: number, { path, mode, text }: RenderedFile): void {
  for (const parent of parentsOf(path)) makeDirectory(join(target, parent), user);
  const fd = openSync(join(target, path), 'wx', 0o600);
  try {
    fchownSync(fd, user, user);
    fchmodSync(fd, mode);
    writeFileSync(fd, text); // all of it, unlike one write(2) to a file system that is about to be full
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
  try {
    writeFileSync(fd, JSON.stringify(state));
  } finally {
    closeSync(fd);
  }
  renameSync(`${file}.new`, file);
}

/** Takes a set away with what is remembered of it. */
export function removeSet(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  rmSync(stateFile(directory), { force: true });
}

/** Beside the directory, so that the container does not see it. */
function stateFile(directory: string): string {
  return join(dirname(directory), `.${basename(directory)}.json`);
}
