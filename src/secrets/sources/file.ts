import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { LARGEST, type Reading, readingOf } from './value.ts';

/** The value in a file. Does not wait, whatever is there. */
export function readFile(path: string): Reading {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    if (stat.isDirectory()) return { fault: 'is a directory' };
    if (!stat.isFile()) return { fault: 'is no regular file' };
    return readingOf(readUpTo(file, LARGEST + 1));
  } catch (error) {
    return { fault: explain(error as NodeJS.ErrnoException) };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Files of the kernel say a size of 0, so the size is not asked. */
function readUpTo(file: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(size);
  let length = 0;
  for (let read = -1; read !== 0 && length < size; length += read)
    read = readSync(file, bytes, length, size - length, null);
  return bytes.subarray(0, length);
}

function explain({ code }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'is not there';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read';
  return `cannot be read (${code})`;
}
