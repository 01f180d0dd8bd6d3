import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { Programs } from '../model/image.ts';
import { type Brought, LISTED } from './brought.ts';
import { bundle, type WebEntry } from './bundle.ts';
import { HOME } from './sources.ts';

const root = mkdtempSync(join(tmpdir(), 'allod-bundle-'));
after(() => rmSync(root, { recursive: true }));

const SOURCES = {
  'server.ts': "import { z } from 'zod';\nexport const port: number = z.number().parse(1);\n",
  'page.tsx': [
    "import './page.css';",
    "import { createRoot } from 'react-dom/client';",
    "import { shared } from './shared.ts';",
    'createRoot(document.body).render(<b className={shared()} />);',
    "void import('./later.ts');",
  ].join('\n'),
  'plain.ts': "import { shared } from './shared.ts';\nshared();\n",
  'later.ts': "import { shared } from './shared.ts';\nexport const later = shared();\n",
  'shared.ts': "export function shared(): string {\n  return performance.now() > 1 ? 'x' : 'y';\n}\n",
  'page.css': 'b { color: red }\n',
};
const programs: Programs = {
  node: { '/usr/lib/allod/server.mjs': 'in/server.ts' },
  browser: { '/srv/web': { page: 'in/page.tsx', plain: 'in/plain.ts' } },
};

/** Bundles the sources in a checkout of its own, and returns what stands for the root of the image. */
async function made(name: string): Promise<string> {
  const home = join(root, name);
  mkdirSync(join(home, 'in'), { recursive: true });
  for (const [file, text] of Object.entries(SOURCES)) writeFileSync(join(home, 'in', file), text);
  // Copies: what a link leads to would be outside of the checkout, which npm never does.
  for (const name of ['react', 'react-dom', 'scheduler', 'zod'])
    cpSync(join(HOME, 'node_modules', name), join(home, 'node_modules', name), { recursive: true });
  const node = `node_modules/node-linux-${process.arch}`;
  symlinkSync(join(HOME, node), join(home, node));
  const out = join(root, `${name}-made-${name}`);
  await bundle(programs, home, out);
  return out;
}

function filesIn(out: string): string[] {
  return globSync('**/*', { cwd: out })
    .filter((path) => statSync(join(out, path)).isFile())
    .map((path) => `/${path}`)
    .sort();
}

const first = await made('first');
const web = join(first, 'srv/web');
const manifest = JSON.parse(readFileSync(join(web, 'manifest.json'), 'utf8')) as Record<string, WebEntry>;
const brought = JSON.parse(readFileSync(join(first, LISTED), 'utf8')) as Brought;

test('the same sources make the same bytes, wherever they are', async () => {
  const second = await made('elsewhere/second');
  const [one, two] = [first, second].map((out) =>
    filesIn(out).map(
      (path) =>
        `${path} ${createHash('sha256')
          .update(readFileSync(join(out, path)))
          .digest('hex')}`,
    ),
  );
  assert.deepEqual(two, one);
});

test('the manifest names what a page loads at once, and not what it may load later', () => {
  const { page, plain } = manifest;
  assert.match(page?.js ?? '', /^page-[A-Z0-9]{8}\.js$/);
  assert.match(page?.css ?? '', /^page-[A-Z0-9]{8}\.css$/);
  assert.ok(plain && !('css' in plain));
  assert.equal(plain.imports.length, 1);
  assert.deepEqual(page?.imports, plain.imports);
  const pieces = filesIn(web).filter((path) => /\/(later|piece)-.*\.js$/.test(path));
  assert.equal(pieces.length, 2, 'the later one is a file too');
});

test('every file for browsers has its codings beside it', () => {
  const plain = filesIn(web).filter((path) => /\.(js|css)$/.test(path));
  assert.equal(plain.length, 5);
  for (const path of plain) {
    const content = readFileSync(join(web, path));
    assert.deepEqual(brotliDecompressSync(readFileSync(join(web, `${path}.br`))), content);
    assert.deepEqual(gunzipSync(readFileSync(join(web, `${path}.gz`))), content);
  }
});

test('React comes without its checks, and runs without a module of Node', () => {
  const text = readFileSync(join(web, manifest.page?.js ?? ''), 'utf8');
  assert.doesNotMatch(text, /process\.env|Warning: |from"react/);
});

test('all files are accounted for, and all packages with their licences', () => {
  assert.deepEqual(brought.files, filesIn(first));
  assert.deepEqual(
    brought.packages.map(({ name }) => name),
    ['react', 'react-dom', 'scheduler', 'zod', `node-linux-${process.arch}`],
  );
  const licences = filesIn(join(first, 'usr/share/doc/allod-npm'));
  assert.equal(licences.length, brought.packages.length);
});
