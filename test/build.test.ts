import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { clearLeftovers } from '../src/build/leftovers.ts';
import { BUILD_LOCK, debsDir, sbomFile } from '../src/build/places.ts';
import { RECIPE_LABEL, withMounted } from '../src/build/podman.ts';
import { imageProvider, pruneImages } from '../src/build/provider.ts';
import { pinSuite } from '../src/build/suite.ts';
import { ensureContainersConf } from '../src/host/containers-conf.ts';
import { fingerprint } from '../src/model/fingerprint.ts';
import { BASE, type ImageRecipe, type ImageSpec, imageRef, type SuitePin } from '../src/model/image.ts';
import type { Progress } from '../src/model/provider.ts';
import type { Change, Resource } from '../src/model/resource.ts';
import { PersonFault } from '../src/util/errors.ts';

/** Fixed, so that what a killed run left is found. */
const ROOT = '/var/tmp/allod-test-build';
const cache = join(ROOT, 'cache');
const site = (name: string) => ({ images: join(ROOT, name, 'images'), log: join(ROOT, name, 'log') });
const why = { service: 'site', rule: 'image', sentence: 'a test' };

/** Every name starts so, that what a killed run left is found. */
const tiny: ImageRecipe = {
  name: 'testbuild-tiny',
  packages: ['tini'],
  users: [{ name: 'tiny', uid: 10999, home: '/nonexistent' }],
  files: { '/etc/tiny.conf': { mode: 0o640, text: 'ours\n' } },
  run: ['test -z "$(tail -n +2 /proc/net/route)"', 'test $(cat /etc/tiny.conf) = ours; echo made >/srv/made'],
};

let containersConf: string;
let env: Record<string, string> = {};
let pin: SuitePin;

before(async () => {
  removeOurs();
  mkdirSync(ROOT, { recursive: true });
  mkdirSync(cache, { recursive: true });
  containersConf = await ensureContainersConf(join(ROOT, 'containers.conf'));
  env = { CONTAINERS_CONF: containersConf };
  pin = await pinSuite({ cache });
  await apply('one', BASE);
});

after(removeOurs);

function podman(...args: string[]): string {
  return execFileSync('podman', args, { env: { ...process.env, ...env }, encoding: 'utf8', stdio: 'pipe' });
}

/** Images and directories of this run, or of an earlier one that was killed. */
function removeOurs(): void {
  if (existsSync(ROOT)) {
    const mounts = readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '');
    for (const point of mounts) if (point.startsWith(`${ROOT}/`)) execFileSync('umount', [point]);
  }
  for (const ref of podman('images', '--format', '{{.Repository}}:{{.Tag}}').split('\n'))
    if (ref.startsWith('localhost/allod/testbuild-')) podman('rmi', '--force', ref);
  rmSync(ROOT, { recursive: true, force: true });
}

function resourceOf(recipe: ImageRecipe): Resource & { spec: ImageSpec } {
  const spec = { recipe, ref: imageRef(recipe, pin) };
  return { kind: 'image', name: recipe.name, service: 'site', why, needs: [], spec };
}

/** As a freshly started process would: every call has a provider of its own. */
async function apply(
  name: string,
  recipe: ImageRecipe,
  progress: Progress = () => {},
  from = cache,
): Promise<string> {
  const provider = imageProvider({ layout: site(name), cache: from, containersConf });
  const resource = resourceOf(recipe);
  const seen = await provider.observe([resource]);
  const key = `image/${recipe.name}`;
  if (seen[key]?.fingerprint === fingerprint(resource.spec)) return resource.spec.ref;
  const change: Change = { action: 'create', key, ...resource, fingerprint: fingerprint(resource.spec) };
  await provider.apply(change, progress);
  return resource.spec.ref;
}

function workingContainers(): string[] {
  const all = podman('ps', '--all', '--external', '--format', '{{.ID}} {{.Image}} {{.Status}}').split('\n');
  return all.filter((line) => /base:[0-9a-f]{16} storage$/i.test(line));
}

/** The first start does it, unless another build on this machine is under way. */
async function cleared(): Promise<void> {
  await until('nothing of killed builds is left', async () => {
    await clearLeftovers(cache, env);
    return workingContainers().length === 0;
  });
}

/** Ids of processes whose command line holds a text. */
function processes(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(text);
      } catch {
        return false; // ended meanwhile
      }
    })
    .map(Number);
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; !(await holds()); i++) {
    assert.ok(i < 600, `never happened: ${what}`);
    await sleep(100);
  }
}

test('an image is built with progress, holds what its recipe says, and nothing of this machine', async () => {
  const fractions: number[] = [];
  const ref = await apply('one', tiny, (_text, fraction) => fractions.push(fraction ?? 0));
  assert.ok(fractions.length > 5);
  assert.deepEqual(
    fractions,
    fractions.toSorted((a, b) => a - b),
  );
  assert.ok(fractions.every((fraction) => fraction >= 0 && fraction <= 1) && (fractions.at(-1) ?? 0) > 0.9);

  await withMounted(ref, env, async (root) => {
    const read = (path: string) => readFileSync(join(root, path), 'utf8');
    assert.ok(existsSync(join(root, 'usr/bin/tini')));
    assert.match(read('etc/passwd'), /^tiny:x:10999:10999::\/nonexistent:\/usr\/sbin\/nologin$/m);
    assert.equal(read('etc/tiny.conf'), 'ours\n');
    assert.equal(read('srv/made'), 'made\n');
    assert.ok(
      !existsSync(join(root, 'etc/apt/sources.list')) && !existsSync(join(root, 'etc/apt/sources.list.d')),
    );
    assert.deepEqual(
      readdirSync(join(root, 'var/cache/apt/archives')).filter((name) => name.endsWith('.deb')),
      [],
    );
    assert.deepEqual(readdirSync(join(root, 'mnt')), []);
    assert.match(read('usr/sbin/policy-rc.d'), /exit 101/);
  });
  const [inspected] = JSON.parse(podman('image', 'inspect', ref));
  assert.equal(inspected.Labels[RECIPE_LABEL], tiny.name);
  assert.equal(inspected.Labels['allod.tag'], ref.replace(/^.*:/, ''));
});

test('its bill of materials lists the package and those of the base', async () => {
  const bill = JSON.parse(readFileSync(sbomFile({ layout: site('one') }, imageRef(tiny, pin)), 'utf8'));
  const urls: string[] = bill.packages.flatMap((item: { externalRefs?: { referenceLocator: string }[] }) =>
    (item.externalRefs ?? []).map((external) => external.referenceLocator),
  );
  assert.ok(
    urls.some((url) => /^pkg:deb\/debian\/tini@[^?]+\?arch=\w+&distro=trixie$/.test(url)),
    urls.join('\n'),
  );
  assert.ok(urls.some((url) => url.startsWith('pkg:deb/debian/libc6@')));
});

test('programs are bundled with their packages and run on the Node of the image, and the bill names them', async () => {
  const recipe: ImageRecipe = {
    ...tiny,
    name: 'testbuild-programs',
    packages: ['libstdc++6'],
    run: [],
    programs: {
      node: { '/usr/lib/speak.mjs': 'test/programs/speak.ts' },
      browser: { '/srv/web': { page: 'test/programs/page.ts', other: 'test/programs/other.ts' } },
      digest: 'a test',
    },
  };
  const umask = process.umask(0o077); // programs are for others than root all the same
  const ref = await apply('one', recipe).finally(() => process.umask(umask));
  const run = ['run', '--rm', '--network', 'none', '--user', '10999', '--read-only', ref];
  assert.equal(podman(...run, '/usr/bin/node', '/usr/lib/speak.mjs'), `${process.version} function\n`);
  const manifest = JSON.parse(podman(...run, 'cat', '/srv/web/manifest.json'));
  assert.match(manifest.page.js, /^page-[A-Z0-9]{8}\.js$/);
  assert.deepEqual(
    manifest.page.imports,
    manifest.other.imports,
    'the piece they share, and not what comes later',
  );
  const files = podman(...run, 'ls', '/srv/web')
    .trim()
    .split('\n');
  for (const file of [manifest.page.js, ...manifest.page.imports])
    assert.deepEqual(
      files.filter((name) => name.startsWith(file)),
      [file, `${file}.br`, `${file}.gz`],
    );
  assert.match(podman(...run, 'sh', '-c', 'cat /usr/share/doc/allod-npm/zod-*'), /MIT License/);
  const bill = readFileSync(sbomFile({ layout: site('one') }, ref), 'utf8');
  for (const purl of ['pkg:npm/zod@', 'pkg:npm/ldapts@', `pkg:npm/node-linux-${process.arch}@`])
    assert.ok(bill.includes(purl), purl);
  assert.ok(!bill.includes('pkg:npm/esbuild@'), 'what bundles is not in it');
});

test('every fault in a source is told with its place', async () => {
  const faulty = join(ROOT, 'faulty.ts');
  const missing = Array.from({ length: 8 }, (_, i) => `./missing-${i}.ts`);
  writeFileSync(faulty, missing.map((path) => `import '${path}';\n`).join(''));
  const said = (path: string, ...texts: string[]) => {
    const programs = { node: { '/x.mjs': path }, browser: {}, digest: 'a test' };
    const recipe: ImageRecipe = { ...tiny, name: 'testbuild-fault', packages: [], run: [], programs };
    return assert.rejects(apply('one', recipe), ({ name, message }: Error) => {
      assert.equal(name, 'BuildError');
      assert.match(message, /^image testbuild-fault: /);
      for (const text of texts) assert.ok(message.includes(text), message);
      assert.doesNotMatch(message, /node_modules/);
      return true;
    });
  };
  await said(faulty, ...missing.map((path, i) => `faulty.ts:${i + 1}:8: Could not resolve "${path}"`));
  await said('test/programs/missing.ts', 'Could not resolve "test/programs/missing.ts"');
});

test('a second time, and for a second site, nothing is built', async () => {
  const ref = imageRef(tiny, pin);
  const id = podman('images', '--quiet', '--no-trunc', ref);
  const texts: string[] = [];
  await apply('one', tiny, (text) => texts.push(text));
  assert.equal(texts.length, 0);
  await apply('two', tiny, (text) => texts.push(text));
  assert.equal(texts.length, 1);
  assert.ok(existsSync(sbomFile({ layout: site('two') }, ref)));
  assert.ok(!existsSync(join(site('two').log, `build-${tiny.name}.log`)));
  assert.equal(podman('images', '--quiet', '--no-trunc', ref), id);
});

test('what fails is named: a package, a line of the recipe; with the log', async () => {
  const unknown = { ...tiny, name: 'testbuild-unknown', packages: ['tini', 'no-such-package'] };
  await assert.rejects(apply('one', unknown), (error: Error) => {
    assert.match(error.message, /^image testbuild-unknown: the suite has no package no-such-package; /);
    const [log = ''] = /\S+\.log$/.exec(error.message) ?? [];
    assert.match(readFileSync(log, 'utf8'), /Unable to locate package no-such-package/);
    return true;
  });
  const broken = { ...tiny, name: 'testbuild-broken', run: ['true', 'echo the reason >&2; exit 3'] };
  await assert.rejects(
    apply('one', broken),
    /line 2 of its recipe failed: echo the reason.*: the reason; all of it/,
  );
  assert.deepEqual(readdirSync(join(cache, 'work')), []);
});

test('an image whose content nobody can account for is not taken, whatever its name', async () => {
  const recipe = { ...tiny, name: 'testbuild-planted' };
  const ref = imageRef(recipe, pin);
  const file = join(ROOT, 'Containerfile');
  writeFileSync(
    file,
    `FROM ${imageRef(tiny, pin)}\nRUN echo x >/opt/planted\nLABEL ${RECIPE_LABEL}=${recipe.name}\n`,
  );
  podman('build', '--isolation', 'chroot', '--network', 'host', '-t', ref, '-f', file, ROOT);
  await assert.rejects(apply('one', recipe), /no package brings and no rule explains: \/opt\/planted/);
  assert.ok(!existsSync(sbomFile({ layout: site('one') }, ref)));
});

test('a build killed half way leaves nothing behind once the next one starts', async () => {
  const slow = { ...tiny, name: 'testbuild-slow', packages: [], run: ['sleep 4711'] };
  const outcome = assert.rejects(apply('one', slow), /image testbuild-slow: /);
  await until('the line of the recipe runs', () => processes('sleep 4711').length > 0);
  for (const pid of processes('podman build')) {
    const mine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('testbuild-slow');
    if (mine) process.kill(pid, 'SIGKILL');
  }
  await outcome;
  await until('the line has ended with its build', () => processes('sleep 4711').length === 0);
  assert.ok(workingContainers().length > 0, 'the kill came too late to test anything');
  await until('no process of any build is left', () => {
    return spawnSync('flock', ['--nonblock', '--exclusive', BUILD_LOCK, 'true']).status === 0;
  });

  await apply('one', { ...slow, run: [] });
  assert.deepEqual(workingContainers(), []);
  assert.equal(
    podman('images', '--quiet', '--filter', 'dangling=true', '--filter', `label=${RECIPE_LABEL}`),
    '',
  );
});

test('a build dies with the process that wanted it', async () => {
  const slow = { ...tiny, name: 'testbuild-orphan', packages: [], run: ['sleep 4712'] };
  const { recipe, ref } = resourceOf(slow).spec;
  const script = `
    import { imageProvider } from '${import.meta.resolve('../src/build/provider.ts')}';
    const [options, change] = JSON.parse(process.argv[1]);
    await imageProvider(options).apply(change, () => {});`;
  const options = { layout: site('one'), cache, containersConf };
  const change = { ...resourceOf(slow), action: 'create', key: `image/${slow.name}`, spec: { recipe, ref } };
  const child = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    script,
    JSON.stringify([options, change]),
  ]);
  await until('the line of the recipe runs', () => processes('sleep 4712').some((pid) => pid !== child.pid));
  child.kill('SIGKILL');
  await until('the line has ended with the process', () => processes('sleep 4712').length === 0);
  await cleared();
});

test('a full disk is named with its path and the bytes left, and nothing half is kept', async () => {
  const small = join(ROOT, 'small');
  mkdirSync(debsDir(small), { recursive: true });
  symlinkSync(join(cache, 'lists'), join(small, 'lists'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'allod-test', debsDir(small)]);
  try {
    mkdirSync(join(debsDir(small), 'partial'));
    const full = { ...tiny, name: 'testbuild-full' };
    await assert.rejects(
      apply('one', full, () => {}, small),
      (error: unknown) => {
        assert.ok(error instanceof PersonFault, String(error));
        assert.equal(error.faults[0]?.where, debsDir(small));
        assert.match(
          error.message,
          /the disk is full: image testbuild-full needs more than the \d+ bytes free there/,
        );
        return true;
      },
    );
    assert.deepEqual(readdirSync(join(small, 'work')), []);
  } finally {
    execFileSync('umount', [debsDir(small)]);
  }
});

test('what a site no longer uses goes when it is told to, with its bill', async () => {
  const ref = await apply('two', { ...tiny, name: 'testbuild-old', packages: [] });
  await pruneImages(site('two'), env, [imageRef(tiny, pin), ref]);
  assert.ok(podman('images', '--quiet', ref));
  await pruneImages(site('two'), env, [imageRef(tiny, pin)]);
  assert.equal(podman('images', '--quiet', ref), '');
  assert.ok(!existsSync(sbomFile({ layout: site('two') }, ref)));
});
