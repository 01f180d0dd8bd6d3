import { type FSWatcher, realpathSync, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Milliseconds without another event, after which a file is taken to be written; and the most to wait for that. */
const SETTLED = 50;
const LATEST = 500;

export interface FileWatch {
  /** Follows directories that were replaced since: to be called now and then. */
  renew(): void;
  close(): void;
}

/**
 * Calls back soon after something happened to a file. Its directory is watched, so a rename onto it counts,
 * and so does a symlink on the way that is switched, as Kubernetes does it; and the directory it leads to.
 * Where nothing can be watched nothing is called: the caller has a slow poll beside it.
 */
export function watchFile(path: string, changed: () => void): FileWatch {
  const watchers = new Map<string, { watcher: FSWatcher; inode: string }>();
  let timer: NodeJS.Timeout | undefined;
  let first = 0;

  function soon(): void {
    if (timer && Date.now() - first > LATEST) return; // a directory in which something always happens
    if (!timer) first = Date.now();
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      changed();
    }, SETTLED);
    timer.unref();
  }
  function drop(directory: string): void {
    watchers.get(directory)?.watcher.close();
    watchers.delete(directory);
  }
  function renew(): void {
    const wanted = directoriesOf(path);
    for (const [directory, { inode }] of watchers) if (wanted.get(directory) !== inode) drop(directory);
    for (const [directory, inode] of wanted) {
      if (watchers.has(directory)) continue;
      try {
        const watcher = watch(directory, { persistent: false }, soon);
        watcher.on('error', () => drop(directory));
        watchers.set(directory, { watcher, inode });
      } catch {
        // gone again, or the kernel has no watches left: the poll sees to it
      }
    }
  }

  renew();
  return {
    renew,
    close() {
      clearTimeout(timer);
      for (const directory of [...watchers.keys()]) drop(directory);
    },
  };
}

/** Directories a change of the file shows in, with what tells one directory from its successor. */
function directoriesOf(path: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const find of [() => dirname(path), () => dirname(realpathSync(path))]) {
    try {
      const directory = find();
      const { dev, ino } = statSync(directory);
      found.set(directory, `${dev}:${ino}`);
    } catch {
      // not there yet
    }
  }
  return found;
}
