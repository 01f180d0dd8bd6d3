import { randomUUID } from 'node:crypto';
import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Files that hold `texts` and have no name, open while `work` runs. A command that is given them reads each as
 * /dev/fd/N, which a pipe made by Node could not be: that is a socket. Whatever kills whom, the kernel frees them
 * with their last reader. `directory`: on tmpfs where the texts are secret.
 */
export async function withNameless<T>(
  directory: string,
  texts: string[],
  work: (files: number[]) => Promise<T>,
): Promise<T> {
  const files: number[] = [];
  try {
    for (const text of texts) files.push(openNameless(directory, text));
    return await work(files);
  } finally {
    for (const file of files) closeSync(file);
  }
}

function openNameless(directory: string, text: string): number {
  const path = join(directory, randomUUID());
  const file = openSync(path, 'wx+', 0o600);
  unlinkSync(path); // before anything is in it: a kill leaves an empty file at most
  writeFileSync(file, text);
  return file;
}
