import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { KEY } from './envelope.ts';

/** Said wherever a store that is opened by a key file is spoken of. */
export const NO_PROTECTION = 'gives no protection against theft';

const HEADER = `# Opens the secrets of this site by itself after a start of the machine. Whoever has this file and
# secrets.db has every secret: it ${NO_PROTECTION}.
`;

/** The key in a file, or undefined where there is none or it is no key. */
export function readHostKey(file: string): Buffer | undefined {
  try {
    const hex =
      readFileSync(file, 'utf8')
        .split('\n')
        .find((line) => !line.startsWith('#')) ?? '';
    return /^[0-9a-f]{64}$/.test(hex) ? Buffer.from(hex, 'hex') : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Writes a new key beside its place, mode 0600 from its first instant, on the disk when this returns. Then the
 * store is changed, then {@link installHostKey}: a kill in between leaves both keys, and one of them fits.
 */
export function prepareHostKey(file: string, key: Buffer): void {
  if (key.length !== KEY) throw new Error(`a key of ${key.length} bytes`);
  const path = beside(file);
  rmSync(path, { force: true });
  const fd = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(fd, `${HEADER}${key.toString('hex')}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  syncDirectory(file);
}

/** Puts a prepared key in its place. */
export function installHostKey(file: string): void {
  renameSync(beside(file), file);
  syncDirectory(file);
}

export function removeHostKey(file: string): void {
  for (const path of [file, beside(file)]) rmSync(path, { force: true });
}

/** Where a new key waits for the store to be changed. */
export function beside(file: string): string {
  return `${file}.new`;
}

/** A name is on the disk only when its directory is (fsync(2)). */
export function syncDirectory(file: string): void {
  const fd = openSync(dirname(file), 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
