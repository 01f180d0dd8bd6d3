import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

/** Which folders a folder may import besides itself and `util`: data flows one way. */
const MAY_IMPORT: Record<string, string[]> = {
  model: [],
  util: [],
  contracts: ['model'],
  site: ['model'],
  catalog: ['model', 'contracts'],
  plan: ['model', 'contracts'],
  render: ['model'],
  secrets: ['model'],
  providers: ['model'],
  'providers/files': ['model', 'render'], // puts in place what render/ makes
  'providers/host-files': ['model', 'render'], // likewise
  build: ['model'],
  host: ['model'],
  engines: ['model', 'render'],
  reconcile: ['model', 'plan', 'delegation'],
  delegation: ['model'],
  doctor: ['model', 'plan', 'delegation'],
  bench: ['model', 'server'],
  portal: ['model', 'server'],
  console: ['model', 'plan', 'reconcile', 'doctor', 'server'], // types
  server: ['model', 'plan', 'site', 'reconcile', 'doctor'],
  cli: ['model', 'plan', 'site', 'reconcile', 'doctor', 'server', 'bench'],
};
/** The only parts that know all. */
const KNOWS_ALL = 'main';
/** Folders whose subfolders do not know each other. */
const APART = ['catalog', 'providers'];

const root = import.meta.dirname;
const files = globSync('**/*.{ts,tsx}', { cwd: root }).sort();
const sources = files.filter((file) => !file.endsWith('.test.ts'));
const textOf = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const importsOf = new Map(sources.map((file) => [file, importsIn(file)]));

/** Files of ours that a file imports, types included, relative to src/. */
function importsIn(file: string): string[] {
  const statements = code(file).matchAll(/^(?:import|export)\b[^;']*?'([^']+)'|\bimport\('([^']+)'\)/gm);
  return [...statements]
    .map(([, named, called]) => named ?? called ?? '')
    .filter((path) => path.startsWith('.') || path.startsWith('#src/'))
    .map((path) => (path.startsWith('#src/') ? path.slice(5) : normalize(join(dirname(file), path))));
}

/** A file's text without comments. */
function code(file: string): string {
  return (textOf.get(file) ?? '').replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '');
}

function folderOf(file: string): string {
  return file.split('/')[0]?.replace('.ts', '') ?? '';
}

/** The part of a file that may freely import from itself: `plan`, `catalog/dns`. */
function unitOf(file: string): string {
  const folder = folderOf(file);
  return APART.includes(folder) ? dirname(file).split('/').slice(0, 2).join('/') : folder;
}

/** Why one file must not import another; undefined where it may. */
function objection(from: string, to: string): string | undefined {
  const [folder, target] = [folderOf(from), folderOf(to)];
  if (unitOf(from) === unitOf(to) || folder === KNOWS_ALL) return undefined;
  if (target === 'util' && folder !== 'model') return undefined;
  if (folder === target) return `${unitOf(from)} and ${unitOf(to)} do not know each other`;
  const allowed = MAY_IMPORT[unitOf(from)] ?? MAY_IMPORT[folder] ?? [];
  return allowed.includes(target) ? undefined : `${folder} may import ${allowed.join(', ') || 'nothing'}`;
}

test('every folder imports only what it may', () => {
  const violations = [...importsOf].flatMap(([from, targets]) =>
    targets.flatMap((to) => {
      const why = objection(from, to);
      return why ? [`${from} → ${to}: ${why}`] : [];
    }),
  );
  assert.deepEqual(violations, []);
});

test('every folder has a rule', () => {
  const folders = new Set(files.filter((file) => file.includes('/')).map(folderOf));
  const without = [...folders].filter((folder) => folder !== KNOWS_ALL && !(folder in MAY_IMPORT));
  assert.deepEqual(without, []);
});

test('no import goes in a circle', () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  function visit(file: string, trail: string[]): void {
    const start = trail.indexOf(file);
    if (start >= 0) cycles.push([...trail.slice(start), file].join(' → '));
    if (start >= 0 || done.has(file)) return;
    for (const next of importsOf.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  }
  for (const file of sources) visit(file, []);
  assert.deepEqual(cycles, []);
});

test('files stay small: none over 400 lines, half of them under 100', () => {
  const sizes = files.map((file) => ({ file, lines: textOf.get(file)?.split('\n').length ?? 0 }));
  assert.deepEqual(
    sizes.filter(({ lines }) => lines > 400),
    [],
  );
  const sorted = sizes.map(({ lines }) => lines).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  assert.ok(median < 100, `the median is ${median} lines`);
});

test('only the edges print or read the environment', () => {
  const edges: [RegExp, string[]][] = [
    [/\bconsole\./, ['cli', 'main']],
    [/\bprocess\.(stdout|stderr)\b/, ['cli', 'main', 'portal/main.ts']],
    [/\bprocess\.env\b/, ['cli', 'main', 'util', 'host']],
  ];
  const violations = sources.flatMap((file) =>
    edges
      .filter(
        ([pattern, places]) =>
          !places.includes(folderOf(file)) && !places.includes(file) && pattern.test(code(file)),
      )
      .map(([pattern, places]) => `${file} uses ${pattern.source}, which is for ${places.join(', ')}`),
  );
  assert.deepEqual(violations, []);
});
