import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';
import {
  blocksOf,
  contractsIn,
  readManual,
  SECTIONS,
  siteOfAll,
  siteOfExample,
  smallestExample,
  unique,
} from '../../tools/manual.ts';
import { NOTHING } from '../../tools/service-page.ts';
import { planText } from '../cli/plan.ts';
import type { Requests } from '../contracts/contracts.ts';
import type { PersonalDataRequest } from '../contracts/personal-data.ts';
import type { ServiceDefinition } from '../contracts/service.ts';
import { loadCatalog } from '../main/load-catalog.ts';
import { certificateRefs, siteCa } from '../model/certificate.ts';
import { loginRefs } from '../model/database.ts';
import type { Container } from '../model/pod.ts';
import { refsIn } from '../model/secret.ts';
import { desire } from '../plan/desired.ts';
import { recipesByName } from '../plan/images.ts';
import type { Instance } from '../plan/instance.ts';
import { plan } from '../plan/plan.ts';
import { resolve } from '../plan/resolve.ts';
import { commonKeys, keysOf } from '../site/schema.ts';

const catalog = await loadCatalog();
const recipes = recipesByName(catalog);
const everything = deepFreeze(siteOfAll(catalog));
const instances = resolve(everything, catalog);
const desired = desire(everything, catalog, NOTHING);
const goldens = new URL('../../test/catalog/', import.meta.url);
/** UPDATE_GOLDENS=1 writes what is expected from what comes out; read the difference before a commit. */
const update = process.env.UPDATE_GOLDENS === '1';

for (const [folder, definition] of catalog)
  test(`catalog/${folder}`, async (context) => {
    const instance = instances.find((each) => each.context.service.type === folder);
    const pod = desired.services.find((service) => service.type === folder)?.pod;
    assert.ok(instance && pod);

    await context.test('is a small folder that is called by its type', () => {
      assert.equal(definition.type, folder);
      assert.match(definition.title, /^[A-Z].*[^.]$/);
      const lines = readFileSync(new URL(`${folder}/service.ts`, import.meta.url), 'utf8').split('\n').length;
      assert.ok(lines <= 150, `service.ts has ${lines} lines; move what is not the definition beside it`);
    });

    await context.test('has a manual that is true', () => {
      const manual = readManual(folder);
      assert.deepEqual([...manual.keys()], SECTIONS);
      assert.ok(manual.get('Name')?.startsWith(`*${folder}*: `), `Name begins with *${folder}*:`);
      const { requested, fulfilled } = contractsIn(manual.get('Requests') ?? '');
      const requests = Object.values(definition.requests(instance.context));
      assert.deepEqual(requested, unique(requests.map((request) => request.contract)));
      assert.deepEqual(fulfilled, unique(definition.provides?.contracts ?? []));
      for (const section of ['Site file', 'Examples'])
        for (const example of blocksOf(manual.get(section) ?? '', 'yaml'))
          assert.ok(siteOfExample(example, catalog).services.length > 0, example);
      assert.notEqual(blocksOf(manual.get('Site file') ?? '', 'yaml').length, 0);
    });

    await context.test('leaves the common keys alone', () => {
      const shared = keysOf(definition.settings).filter((key) => key in commonKeys);
      assert.deepEqual(shared, []);
    });

    await context.test('is pure: frozen data twice in, the same twice out', () => {
      assert.deepEqual(outputs(definition, instance), outputs(definition, instance));
    });

    await context.test('says why it wants each thing', () => {
      const whys = [
        ...Object.entries(definition.requests(instance.context)).map(([key, { why }]) => ({ key, why })),
        ...instance.allow.map(({ to, port, why }) => ({ key: `${to} ${port}`, why })),
        ...desired.resources
          .filter((r) => r.service === folder)
          .map(({ kind, name, why }) => ({ key: `${kind}/${name}`, why: why.sentence })),
      ];
      for (const { key, why } of whys) assert.match(why, /^\S+ .*[^.\s]$/, key);
    });

    await context.test('runs containers that are what they should be', () => {
      const names = pod.containers.map(({ name }) => name);
      assert.deepEqual(names, [...new Set(names)]);
      const volumes = volumesOf(instance);
      for (const request of Object.values(definition.requests(instance.context)))
        if (request.contract === 'personal-data') checkPersonalData(request.where, names, volumes);
      for (const container of pod.containers) checkContainer(container, volumes);
    });

    await context.test('plans this, alone on a site', () => {
      const site = siteOfExample(smallestExample(definition), catalog);
      const images = new Set(definition.images.map(({ name }) => name));
      const changes = plan(site, catalog, NOTHING).changes.filter(
        (change) => change.service === folder || (change.kind === 'image' && images.has(change.name)),
      );
      const path = new URL(`${folder}.txt`, goldens);
      const text = planText(changes);
      if (update) writeFileSync(path, text);
      else assert.equal(text, readFileSync(path, 'utf8'));
    });
  });

test('every golden has its folder', () => {
  assert.deepEqual(
    readdirSync(goldens),
    [...catalog.keys()].map((folder) => `${folder}.txt`),
  );
});

test('no two images share a user id', () => {
  const owners = new Map<number, string>();
  for (const { name, users } of recipes.values())
    for (const { uid } of users) {
      assert.equal(owners.get(uid) ?? name, name, `user id ${uid}`);
      owners.set(uid, name);
    }
});

test('no port of the IPv4 address leads to two services', () => {
  const owners = new Map<string, string>();
  for (const { service, port, protocol, path } of desired.exposures) {
    if (path !== 'forwarded') continue;
    const place = `${port} ${protocol}`;
    assert.equal(owners.get(place), undefined, `${place}: ${owners.get(place)} and ${service}`);
    owners.set(place, service);
  }
});

test('every secret that is used is made', () => {
  const made = new Set([siteCa.secret]);
  for (const { kind, name } of desired.resources) {
    if (kind === 'secret') made.add(name);
    if (kind === 'login') for (const { secret } of Object.values(loginRefs(name))) made.add(secret);
    if (kind === 'certificate')
      for (const { secret } of Object.values(certificateRefs(name))) made.add(secret);
  }
  for (const resource of desired.resources)
    for (const path of refsIn(resource.spec))
      assert.ok(made.has(path), `${resource.kind}/${resource.name} uses ${path}, which nothing makes`);
});

test('a service that fulfils nothing for others can be there twice', () => {
  for (const definition of catalog.values()) {
    if (definition.provides) continue;
    const site = siteOfExample(smallestExample(definition), catalog);
    const [one] = site.services;
    assert.ok(one);
    const two = { ...one, id: `${one.id}-2`, host: `${one.id}-2.example.org` };
    const { services } = desire({ ...site, services: [one, two] }, catalog, NOTHING);
    assert.equal(services.filter(({ type }) => type === definition.type).length, 2);
  }
});

/** What every function of a definition returns, from data nobody can change. */
function outputs(definition: ServiceDefinition, { context, results, received }: Instance): unknown[] {
  const frozen = { ...context, service: deepFreeze(structuredClone(context.service)) };
  const got = deepFreeze(structuredClone(results)) as never;
  const asked = deepFreeze(structuredClone(received));
  return [
    definition.requests(frozen),
    definition.workload(frozen, got, asked),
    definition.resources?.(frozen, got),
    instances.map((consumer) => {
      const mine = asked.filter((each) => each.consumer.id === consumer.context.service.id);
      const requests: Requests = Object.fromEntries(mine.map(({ request }, i) => [`request ${i}`, request]));
      return definition.provides?.fulfil(frozen, consumer.context, deepFreeze(requests));
    }),
  ];
}

/** Owner of each volume the service requested, by name. */
function volumesOf({ context, resources }: Instance): Map<string, number> {
  const prefix = `${context.service.id}/`;
  const volumes = resources.filter(({ kind, name }) => kind === 'volume' && name.startsWith(prefix));
  return new Map(
    volumes.map(({ name, spec }) => [name.slice(prefix.length), (spec as { owner: number }).owner]),
  );
}

function checkContainer(container: Container, volumes: Map<string, number>): void {
  const { name, image, command, user, memory, files, mounts, scratch } = container;
  const recipe = recipes.get(image);
  assert.ok(recipe, `${name}: no folder brings the image ${image}`);
  assert.ok(user > 0, `${name}: root`);
  assert.ok(
    recipe.users.some(({ uid }) => uid === user),
    `${name}: user ${user} is not one of the image ${image}`,
  );
  assert.ok(Number.isInteger(memory) && memory > 0, `${name}: memory ${memory}`);
  assert.match(command[0] ?? '', /^\//, `${name}: the command is found by its path, not by a search`);
  const [own] = Object.entries(recipe.files).filter(([path]) => path === command[0]);
  if (own) assert.equal(own[1].mode & 0o111, 0o111, `${name}: ${own[0]} is not executable`);
  for (const { volume, path } of mounts) {
    assert.equal(
      volumes.get(volume),
      user,
      `${name}: volume ${volume} is requested, for the container's user`,
    );
    assert.ok(isAbsolute(path), `${name}: ${path}`);
  }
  for (const path of scratch) assert.ok(isAbsolute(path), `${name}: ${path}`);
  for (const { path } of files) assert.ok(isAbsolute(`/${path}`), `${name}: ${path}`);
  const places = [...mounts.map(({ path }) => path), ...scratch, ...files.map(({ path }) => `file ${path}`)];
  assert.deepEqual(places, [...new Set(places)], `${name}: each place once`);
}

/** Of its own volumes and containers, and no way out of them. */
function checkPersonalData(
  where: PersonalDataRequest['where'],
  containers: string[],
  volumes: Map<string, number>,
): void {
  if ('command' in where) {
    assert.ok(containers.includes(where.container), where.container);
    assert.ok(isAbsolute(where.command[0]), where.command[0]);
    return;
  }
  assert.ok(volumes.has(where.volume), where.volume);
  assert.ok(isAbsolute(`/${where.folder}`) && !/^removed(\/|$)/.test(where.folder), where.folder);
}

/** Absolute, and nothing in it to be worked out: no `..`, no doubled slash, none at the end. */
function isAbsolute(path: string): boolean {
  return path.startsWith('/') && path !== '/' && posix.resolve(path) === path;
}

/** Paths of all secrets a value refers to. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const member of Object.values(Object.freeze(value))) deepFreeze(member);
  return value;
}
