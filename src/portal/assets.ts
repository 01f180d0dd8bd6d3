import { createReadStream, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Web } from './web.ts';

/** A piece of the bundle for browsers, in `manifest.json` of its folder. */
export interface Entry {
  js: string;
  css?: string;
  /** Pieces it loads at once. */
  imports: string[];
}

export interface Assets {
  entry(name: string): Entry | undefined;
  /** Answers with a file; false where there is none. */
  serve(ctx: Web, path: string): boolean;
}

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
/** Made when the bundle was, largest gain first. */
const PACKED: [encoding: string, suffix: string][] = [
  ['br', '.br'],
  ['gzip', '.gz'],
];

export function assetsIn(folder: string, log: (text: string) => void): Assets {
  const manifest = read(join(folder, 'manifest.json'), log);
  return {
    entry: (name) => manifest[name],
    serve(ctx, path) {
      const type = TYPES[extname(path)];
      // Names of ours alone: no dot at the beginning of a part, so neither `..` nor a hidden file.
      if (!type || !/^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/.test(path)) return false;
      const file = join(folder, path);
      if (!isFile(file)) return false;
      const accepted = PACKED.find(
        ([encoding, suffix]) => ctx.acceptsEncodings(encoding) === encoding && isFile(file + suffix),
      );
      const [encoding, suffix] = accepted ?? ['', ''];
      if (encoding) ctx.set('Content-Encoding', encoding);
      ctx.set('Vary', 'Accept-Encoding');
      ctx.set(
        'Cache-Control',
        /-[A-Z0-9]{8}\.\w+$/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
      ctx.status = 200;
      ctx.type = type;
      ctx.length = statSync(file + suffix).size;
      ctx.body = createReadStream(file + suffix);
      return true;
    },
  };
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Without a bundle the pages work all the same, only plainly. */
function read(file: string, log: (text: string) => void): Record<string, Entry> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Entry>;
  } catch (error) {
    log(`pages come without style and scripts: ${(error as Error).message}`);
    return {};
  }
}
