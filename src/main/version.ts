import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };

export const VERSION: string = packageJson.version;

/** Version of the code as it stands on disk, so that a daemon of older code is noticed after an update. */
export function codeVersion(): string {
  const root = resolve(import.meta.dirname, '..');
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && /(?<!\.test)\.(ts|tsx|css)$/.test(entry.name),
  );
  const times = files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs);
  return `${VERSION} ${files.length} ${Math.max(...times)}`;
}
