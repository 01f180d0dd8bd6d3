import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { PersonFault } from '../util/errors.ts';

/** Where the site file stands, as root's own `up` told, and whose it was then. */
export interface SitePlace {
  /** Absolute; no part of it is a symbolic link. */
  path: string;
  uid: number;
}

/** Larger ones are none: a request may not be larger either. */
const LARGEST = 2 ** 20;

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/**
 * What is remembered of a path; undefined where it is no plain file without symbolic links: that one is not written to
 * by the daemon.
 */
export function placeOf(path: string): SitePlace | undefined {
  try {
    return inFolderOf(path, (entry) => reading(entry, path, (_, { uid }) => ({ path, uid })));
  } catch {
    return undefined;
  }
}

/** The text that stands there, undefined where none does. Throws PersonFault where it is not as it was left. */
export function readPlace({ path, uid }: SitePlace): string | undefined {
  return inFolderOf(path, (entry) => textAt(entry, path, uid));
}

/** The text of before the last {@link writePlace}. */
export function readBefore({ path, uid }: SitePlace): string | undefined {
  return inFolderOf(path, (entry) => textAt(`${entry}.before`, `${path}.before`, uid));
}

/**
 * Puts a text in the place of `was`, with owner and mode as they are: old or new after a power cut, never half. What was
 * there stays beside it, as `.before`. Throws PersonFault where it is not `was`, or not as it was left.
 */
export function writePlace({ path, uid }: SitePlace, text: string, was: string): void {
  inFolderOf(path, (entry, folder) =>
    reading(entry, path, (there, { uid: owner, gid, mode }) => {
      if (owner !== uid) throw owned(path, uid, owner);
      if (there !== was)
        throw new PersonFault({
          where: path,
          message:
            'expected the text that this change began from; somebody changed the file meanwhile; try again from what is there now',
        });
      if (there === text) return;
      const like = { uid, gid, mode: mode & 0o777 };
      replace(`${entry}.before`, there, like);
      replace(entry, text, like);
      fsyncSync(folder);
    }),
  );
}

/**
 * The folder is held open meanwhile and its entries are named through it (proc_pid_fd(5)): nobody who owns a folder above
 * can have another one meant between a check and what follows.
 */
function inFolderOf<T>(path: string, work: (entry: string, folder: number) => T): T {
  const folder = opened(dirname(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, dirname(path));
  try {
    const real = readlinkSync(`/proc/self/fd/${folder}`);
    if (real !== dirname(path)) throw linked(path, `${real}/${basename(path)}`);
    return work(`/proc/self/fd/${folder}/${basename(path)}`, folder);
  } finally {
    closeSync(folder);
  }
}

function textAt(entry: string, path: string, uid: number): string | undefined {
  try {
    return reading(entry, path, (text, { uid: owner }) => {
      if (owner !== uid) throw owned(path, uid, owner);
      return text;
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function reading<T>(entry: string, path: string, use: (text: string, stat: Owned) => T): T {
  // A pipe would not let go of the daemon.
  const file = opened(entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, path);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > LARGEST)
      throw new PersonFault({ where: path, message: 'expected a file of at most 1 MiB; got something else' });
    return use(readFileSync(file, 'utf8'), stat);
  } finally {
    closeSync(file);
  }
}

interface Owned {
  uid: number;
  gid: number;
  mode: number;
}

function replace(entry: string, text: string, { uid, gid, mode }: Owned): void {
  const fresh = `${entry}.new`;
  rmSync(fresh, { force: true }); // of a run that was killed
  const file = openSync(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    fchownSync(file, uid, gid);
    fchmodSync(file, mode);
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, entry);
}

/** ELOOP and ENOTDIR are what open(2) says of a symbolic link that is not to be followed. */
function opened(entry: string, flags: number, path: string): number {
  try {
    return openSync(entry, flags);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP' || code === 'ENOTDIR') throw linked(path, 'a symbolic link');
    throw error;
  }
}

function linked(path: string, found: string): PersonFault {
  return new PersonFault({
    where: path,
    message: `expected the file that ./allod up was given; got ${found}; try ./allod up with the file as it is now`,
  });
}

function owned(path: string, uid: number, found: number): PersonFault {
  return new PersonFault({
    where: path,
    message: `expected a file of user ${uid}, as when ./allod up was given it; got one of user ${found}; try ./allod up, if that is right`,
  });
}
