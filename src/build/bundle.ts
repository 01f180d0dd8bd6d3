import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { type BuildFailure, type BuildOptions, build, type Message, type Metafile } from 'esbuild';
import type { Programs } from '../model/image.ts';
import { type Brought, LISTED } from './brought.ts';
import { type InstalledPackage, installedPackage, licenceText, packagesIn } from './npm-packages.ts';

/** How a bundle that imports CommonJS packages gets `require` (esbuild.github.io/content-types, "CommonJS"). */
const REQUIRE =
  "import{createRequire as allodRequire}from'node:module';const require=allodRequire(import.meta.url);";

/** In the image. */
const NODE = '/usr/bin/node';

/** What React asks, to leave out its checks. */
const MODE = ['process', 'env', 'NODE_ENV'].join('.');

/** What a browser loads for one entry: names of files in the folder. */
export interface WebEntry {
  js: string;
  css?: string;
  /** Pieces it shares with others, to be fetched at once with it. */
  imports: string[];
}

/**
 * Bundles programs into `out`, which stands for the root of the image. `home`: the folder of the sources. The same
 * sources make the same bytes.
 */
export async function bundle(programs: Programs, home: string, out: string): Promise<void> {
  const metafiles: Metafile[] = [];
  const files: string[] = [];
  const node = Object.keys(programs.node).length > 0 ? pinnedNode(home) : undefined;
  for (const [path, entry] of Object.entries(programs.node)) {
    metafiles.push(await bundleForNode(home, entry, join(out, path), node?.version));
    files.push(path);
  }
  for (const [folder, entries] of Object.entries(programs.browser)) {
    const metafile = await bundleForBrowsers(home, entries, join(out, folder));
    metafiles.push(metafile);
    const made = compressAll(home, metafile);
    const manifest = join(out, folder, 'manifest.json');
    writeFileSync(manifest, `${JSON.stringify(webEntries(metafile, entries), null, 1)}\n`);
    files.push(...[...made, manifest].map((path) => path.slice(out.length)));
  }
  const packages = packagesIn(home, metafiles);
  if (node) {
    mkdirSync(join(out, 'usr/bin'), { recursive: true });
    copyFileSync(join(node.folder, 'bin/node'), join(out, NODE));
    chmodSync(join(out, NODE), 0o755);
    files.push(NODE);
    packages.push(node);
  }
  files.push(...writeLicences(packages, out), LISTED);
  const brought: Brought = { files: files.sort(), packages: packages.map(({ folder: _, ...rest }) => rest) };
  mkdirSync(join(out, dirname(LISTED)), { recursive: true });
  writeFileSync(join(out, LISTED), `${JSON.stringify(brought, null, 1)}\n`);
}

/** The one of package-lock.json, as npm installed it for this machine. */
function pinnedNode(home: string): InstalledPackage {
  const folder = join(home, 'node_modules', `node-linux-${process.arch}`);
  if (!existsSync(folder))
    throw new Error(
      `expected Node for this machine (${process.arch}) in ${folder}; got nothing; try npm ci, or another machine: arm64 or x64`,
    );
  return installedPackage(folder);
}

/** `version`: of the Node that it will run on. */
async function bundleForNode(
  home: string,
  entry: string,
  outfile: string,
  version: string | undefined,
): Promise<Metafile> {
  return await run(home, {
    entryPoints: [entry],
    outfile,
    platform: 'node',
    target: `node${version}`,
    banner: { js: REQUIRE },
    minifySyntax: true,
    minifyWhitespace: true,
    // oidc-provider keeps what it has by the names of its classes.
    keepNames: true,
  });
}

async function bundleForBrowsers(
  home: string,
  entries: Record<string, string>,
  outdir: string,
): Promise<Metafile> {
  return await run(home, {
    entryPoints: entries,
    outdir,
    platform: 'browser',
    // What browsers of the last two years and a half know.
    target: ['chrome122', 'firefox123', 'safari17.4'],
    splitting: true,
    minify: true,
    jsx: 'automatic',
    define: { [MODE]: '"production"' },
    entryNames: '[name]-[hash]',
    chunkNames: 'piece-[hash]',
    assetNames: '[name]-[hash]',
  });
}

async function run(home: string, options: BuildOptions): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: home,
    bundle: true,
    format: 'esm',
    legalComments: 'none', // every licence is in the image whole
    logLevel: 'silent', // what is wrong is thrown
    ...options,
    metafile: true,
  }).catch((error: BuildFailure) => {
    throw error.errors ? new Error(['faults in sources:', ...error.errors.map(placed)].join('\n')) : error;
  });
  return metafile;
}

/** The bundler's own message leaves out all but five. */
function placed({ location, text }: Message): string {
  return location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text;
}

/** Beside every file one in each coding that browsers take, made once with the greatest care. Returns all paths. */
function compressAll(home: string, { outputs }: Metafile): string[] {
  return Object.keys(outputs).flatMap((output) => {
    const path = join(home, output);
    const content = readFileSync(path);
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
    writeFileSync(`${path}.br`, brotliCompressSync(content, quality));
    writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
    return [path, `${path}.br`, `${path}.gz`];
  });
}

/** By the name of the entry. */
export function webEntries(
  { outputs }: Pick<Metafile, 'outputs'>,
  entries: Record<string, string>,
): Record<string, WebEntry> {
  const found = Object.entries(entries).map(([name, source]) => {
    const [path, output] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === source) ?? [];
    if (path === undefined || output === undefined) throw new Error(`no output of ${source}`);
    const shared = new Set<string>();
    collectStatic(outputs, path, shared);
    const { cssBundle } = output;
    const entry: WebEntry = {
      js: basename(path),
      ...(cssBundle === undefined ? {} : { css: basename(cssBundle) }),
      imports: [...shared].map((one) => basename(one)).sort(),
    };
    return [name, entry] as const;
  });
  return Object.fromEntries(found);
}

/** What is needed before the entry runs: not what it asks for later (`import()`). */
function collectStatic(outputs: Metafile['outputs'], path: string, into: Set<string>): void {
  for (const { path: next, kind } of outputs[path]?.imports ?? []) {
    if (kind !== 'import-statement' || into.has(next)) continue;
    into.add(next);
    collectStatic(outputs, next, into);
  }
}

/** Returns the paths in the image. */
function writeLicences(packages: InstalledPackage[], out: string): string[] {
  return packages.map(({ name, version, folder }) => {
    const path = `/usr/share/doc/allod-npm/${name.replace('/', '+')}-${version}`;
    mkdirSync(join(out, dirname(path)), { recursive: true });
    writeFileSync(join(out, path), licenceText(folder));
    return path;
  });
}
