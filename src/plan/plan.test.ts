import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { planText } from '../cli/plan.ts';
import { loadCatalog } from '../main/load-catalog.ts';
import { fingerprint } from '../model/fingerprint.ts';
import { keyOf, type Observed } from '../model/resource.ts';
import type { Site } from '../model/site.ts';
import { readSite } from '../site/read.ts';
import { serviceAddress } from './addresses.ts';
import { diff, plan } from './plan.ts';

const catalog = await loadCatalog();
const goldens = new URL('../../test/plan/', import.meta.url);
const divider = '----------\n';
/** UPDATE_GOLDENS=1 writes what is expected from what comes out; read the difference before a commit. */
const update = process.env.UPDATE_GOLDENS === '1';

function observed(part: Partial<Observed> = {}): Observed {
  const suite = { suite: 'trixie', digest: '0' };
  return { resources: {}, unknown: {}, addresses: { subnet: '10.64.0.0/20', given: {} }, suite, ...part };
}

function siteOf(text: string): Site {
  return readSite(Buffer.from(text), 'site.yaml', catalog);
}

function example(services: string[]): Site {
  const entries = services.map((service) => `  ${service}: {}\n`).join('');
  return siteOf(`version: 1
domain: example.org
network:
  ipv6: { pool: "2001:db8:a:10::/64" }
  ipv4: { address: 203.0.113.7 }
administrators: [alice]
services:
${entries}`);
}

/** What is observed once a plan was carried out. */
function carriedOut(site: Site): Observed {
  const { desired } = plan(site, catalog, observed());
  const resources = Object.fromEntries(
    desired.resources.map((resource) => [keyOf(resource), { fingerprint: fingerprint(resource.spec) }]),
  );
  return observed({ resources, addresses: { subnet: '10.64.0.0/20', given: desired.addresses } });
}

test('site → plan, as a person reads it', async (context) => {
  for (const file of readdirSync(goldens)) {
    await context.test(file, () => {
      const path = new URL(file, goldens);
      const [input = '', expected] = readFileSync(path, 'utf8').split(divider);
      const text = planText(plan(siteOf(input), catalog, observed()).changes);
      if (update) writeFileSync(path, `${input}${divider}${text}`);
      else assert.equal(text, expected);
    });
  }
});

test('the same input gives the same bytes, whatever the order of the site file', () => {
  const a = JSON.stringify(plan(example(['contacts', 'projects']), catalog, observed()));
  const b = JSON.stringify(plan(example(['projects', 'contacts']), catalog, observed()));
  assert.equal(a, b);
});

test('nothing is left to do once a plan was carried out', () => {
  const site = example(['contacts', 'projects']);
  assert.deepEqual(plan(site, catalog, carriedOut(site)).changes, []);
});

test('every change says why, and needs only what comes before it or is there', () => {
  const { changes, desired } = plan(example(['contacts', 'projects']), catalog, observed());
  const keys = new Set(desired.resources.map(keyOf));
  const before = new Set<string>();
  for (const change of changes) {
    assert.match(change.why.sentence, /\w+ \w+/, change.key);
    for (const need of change.needs) {
      assert.ok(keys.has(need), `${change.key} needs ${need}, which nobody makes`);
      assert.ok(before.has(need), `${change.key} comes before ${need}`);
    }
    before.add(change.key);
  }
});

test('a plan holds references to secrets and no value that could be one', () => {
  const text = JSON.stringify(plan(example(['contacts', 'projects']), catalog, observed()));
  assert.match(text, /\{"secret":"/);
  assert.doesNotMatch(text, /BEGIN [A-Z ]*PRIVATE KEY/);
});

test('adding a service changes no pod of another one but those that serve it', () => {
  const before = carriedOut(example(['contacts']));
  const { changes } = plan(example(['contacts', 'projects']), catalog, before);
  const touched = changes
    .filter((change) => change.kind === 'pod')
    .map((change) => `${change.action} ${change.name}`);
  // The portal tells it when somebody signs out, and looks it up by its host.
  assert.deepEqual(touched.sort(), ['create postgres', 'create projects', 'update portal']);
});

test('a service that is not wanted any more goes; its data and keys stay', () => {
  const before = carriedOut(example(['contacts', 'projects']));
  const { changes } = plan(example(['contacts']), catalog, before);
  const deleted = changes.filter((change) => change.action === 'delete');
  assert.ok(deleted.some((change) => change.key === 'pod/projects'));
  assert.deepEqual(
    deleted.filter((change) => ['volume', 'secret', 'certificate', 'image'].includes(change.kind)),
    [],
  );
});

test('files that nobody wants go, because they may hold secrets, and only after the pod that reads them', () => {
  const before = carriedOut(example(['contacts', 'projects']));
  const { changes } = plan(example(['contacts']), catalog, before);
  const keys = changes.map((change) => change.key);
  const files = changes.find((change) => change.key === 'files/projects/app');
  assert.equal(files?.action, 'delete');
  assert.deepEqual(files?.needs, ['pod/projects']);
  assert.ok(keys.indexOf('pod/projects') < keys.indexOf('files/projects/app'));
});

test('an unknown answer means touch nothing, unless the server itself is being made', () => {
  const site = example(['contacts']);
  const known = carriedOut(site);
  const without = Object.entries(known.resources).filter(([key]) => !key.startsWith('record/'));
  const blind = {
    ...known,
    resources: Object.fromEntries(without),
    unknown: { record: 'dns does not answer' },
  };
  assert.deepEqual(plan(site, catalog, blind).changes, []);
  const { 'pod/dns': _, ...rest } = blind.resources;
  const kinds = new Set(
    plan(site, catalog, { ...blind, resources: rest }).changes.map((change) => change.kind),
  );
  assert.deepEqual(
    [...kinds].sort(),
    ['pod', 'record', 'zone'].filter((kind) => kind !== 'zone'),
  );
});

test('resources that need each other are a bug that is named', () => {
  const why = { service: 'a', rule: 'r', sentence: 's' };
  const one = { kind: 'pod' as const, name: 'a', service: 'a', why, needs: ['pod/b'], spec: 1 };
  const two = { ...one, name: 'b', needs: ['pod/a'] };
  assert.throws(() => diff([one, two], observed()), /pod\/a → pod\/b → pod\/a/);
});

test('addresses: the pool, then the suffix of the folder or a hash of the id', () => {
  assert.equal(serviceAddress('2001:db8:a:10::/64', 'dns', 0x53), '2001:db8:a:10::53');
  const hashed = serviceAddress('2001:db8:a:10::/64', 'contacts');
  assert.match(hashed, /^2001:db8:a:10:[0-9a-f:]+$/);
  assert.equal(serviceAddress('2001:db8:a:10::/64', 'contacts'), hashed);
});

test('an inner IPv4 address once given stays', () => {
  const first = plan(example(['contacts']), catalog, observed()).desired.addresses;
  const given = { subnet: '10.64.0.0/20', given: first };
  const second = plan(example(['contacts', 'projects']), catalog, observed({ addresses: given })).desired
    .addresses;
  for (const [id, address] of Object.entries(first)) assert.equal(second[id], address);
  assert.equal(new Set(Object.values(second)).size, Object.keys(second).length);
});

test('two services may give values to one record set', () => {
  const site = siteOf(`version: 1
domain: example.org
network:
  ipv6: { pool: "2001:db8:a:10::/64" }
  ipv4: { address: 203.0.113.7 }
services:
  contacts: {}
  family: { type: contacts }
`);
  const { desired } = plan(site, catalog, observed());
  const srv = desired.resources.find(
    (resource) => keyOf(resource) === 'record/_carddavs._tcp.example.org/SRV',
  );
  const values = (srv?.spec as { values: string[] } | undefined)?.values ?? [];
  assert.equal(new Set(values).size, values.length);
  assert.ok(values.some((value) => value.endsWith(' contacts.example.org.')));
});
