import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Needle } from './forms.ts';
import { createSearch } from './search.ts';

/** Where a value of the store was found in the open. */
export interface Leak {
  /** Path in the store. */
  secret: string;
  /** How it is written there. */
  form: string;
  /** The kind of place: `image`, `log`, … */
  place: string;
  /** Which one, as exactly as can be said. */
  where: string;
}

export interface Scanner {
  text(place: string, where: string, text: string): void;
  /** A file of any size; what is no regular file, or is gone, is passed over. */
  file(place: string, where: string, path: string): void;
  /** All regular files below a directory, symlinks not followed; `where` stands before their paths in it. */
  tree(place: string, where: string, directory: string): void;
  readonly leaks: Leak[];
  /** What was looked at, by place. */
  readonly seen: Record<string, { texts: number; bytes: number }>;
}

/** Bytes read at a time. */
const PIECE = 4 * 1024 * 1024;

export function createScanner(needles: Needle[]): Scanner {
  const search = createSearch(needles);
  const buffer = Buffer.alloc(PIECE + search.overlap);
  const leaks = new Map<string, Leak>();
  const seen: Scanner['seen'] = {};

  function look(place: string, where: string, bytes: Uint8Array): void {
    for (const { secret, form } of search.find(bytes))
      leaks.set(JSON.stringify([secret, form, place, where]), { secret, form, place, where });
  }
  function count(place: string, bytes: number): void {
    seen[place] ??= { texts: 0, bytes: 0 };
    seen[place].texts++;
    seen[place].bytes += bytes;
  }
  function file(place: string, where: string, path: string): void {
    const fd = openQuietly(path);
    if (fd === undefined) return;
    try {
      if (!fstatSync(fd).isFile()) return;
      let [kept, total] = [0, 0];
      for (;;) {
        const read = readSync(fd, buffer, kept, PIECE, null);
        if (read === 0) break;
        total += read;
        const end = kept + read;
        look(place, where, buffer.subarray(0, end));
        kept = Math.min(search.overlap, end);
        buffer.copyWithin(0, end - kept, end);
      }
      count(place, total);
    } catch {
      // a process that ended, an unreadable file of the kernel
    } finally {
      closeSync(fd);
    }
  }
  function tree(place: string, where: string, directory: string): void {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) tree(place, `${where}/${entry.name}`, path);
      else if (entry.isFile()) file(place, `${where}/${entry.name}`, path);
    }
  }

  return {
    text(place, where, text) {
      const bytes = Buffer.from(text);
      look(place, where, bytes);
      count(place, bytes.length);
    },
    ...{ file, tree, seen },
    get leaks() {
      return [...leaks.values()];
    },
  };
}

function openQuietly(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
}
