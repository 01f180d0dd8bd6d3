import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

export interface StorePlace {
  root: string;
  file: string;
  hostKey: string;
  audit: string;
}

/** Folders of their own for stores of one test file, gone after it. */
export function storePlaces(name: string): () => StorePlace {
  const folder = mkdtempSync(join(tmpdir(), `allod-${name}-`));
  after(() => rmSync(folder, { recursive: true }));
  let made = 0;
  return () => {
    const root = join(folder, String(made++));
    mkdirSync(root);
    return {
      root,
      file: join(root, 'secrets.db'),
      hostKey: join(root, 'host.key'),
      audit: join(root, 'audit/audit.jsonl'),
    };
  };
}

/** Every file below a folder, with its path. */
export function filesIn(root: string): string[] {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
