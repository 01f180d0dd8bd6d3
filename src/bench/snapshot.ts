import { lstatSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Size and time of the last change, by path relative to the root. */
export type Snapshot = Map<string, string>;

/** Everything below a directory but what is in the folders to leave out, named relative to it. */
export function snapshot(root: string, without: string[]): Snapshot {
  const found: Snapshot = new Map();
  function visit(directory: string): void {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      const name = relative(root, path);
      if (without.includes(name)) continue;
      const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      if (!stat) continue; // gone while we looked; then the other snapshot has it or not
      found.set(name, `${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino}`);
      if (entry.isDirectory()) visit(path);
    }
  }
  visit(root);
  return found;
}

/** Paths that are in only one of two snapshots, or differ. */
export function differences(before: Snapshot, after: Snapshot): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
}
