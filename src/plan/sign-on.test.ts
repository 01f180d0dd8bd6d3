import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCatalog } from '../main/load-catalog.ts';
import type { Pod } from '../model/pod.ts';
import { keyOf } from '../model/resource.ts';
import type { PortalConfig } from '../model/sign-on.ts';
import type { Site } from '../model/site.ts';
import { readSite } from '../site/read.ts';
import { desireUnseen } from './desired.ts';

const catalog = await loadCatalog(() => 'fixed');

function siteOf(services: string): Site {
  const network = '{ ipv6: { pool: "2001:db8:a:10::/64" }, ipv4: { address: 203.0.113.7 } }';
  const text = `version: 1\ndomain: example.org\nnetwork: ${network}\nservices:\n${services}`;
  return readSite(Buffer.from(text), 'site.yaml', catalog);
}

const desired = desireUnseen(
  siteOf('  projects: { host: plans, access: [family] }\n  portal: { host: my }\n'),
  catalog,
);

function podOf(id: string): Pod {
  const found = desired.services.find((service) => service.id === id)?.pod;
  assert.ok(found);
  return found;
}

test('a client and the portal know each other by the hosts of the site file', () => {
  const names = (id: string, other: string) =>
    podOf(id).aliases.find(({ ip }) => ip === podOf(other).ipv6)?.names;
  assert.deepEqual(names('projects', 'portal'), ['portal.example.org', 'my.example.org']);
  assert.deepEqual(names('portal', 'projects'), ['projects.example.org', 'plans.example.org']);
  // The edge reaches every pod, and looks none up.
  assert.deepEqual(podOf('edge').aliases, []);
});

test('the portal is told of its clients, their groups and their tiles', () => {
  const file = podOf('portal').containers[0]?.files.find(({ path }) => path === 'portal.json');
  assert.ok(file?.content.format === 'json');
  const { clients, tiles, devices } = file.content.data as PortalConfig;
  assert.deepEqual(
    clients.map(({ id, access }) => [id, access]),
    [['projects', ['family']]],
  );
  assert.deepEqual(
    tiles.map(({ url, access }) => [url, access]),
    [['https://plans.example.org/', ['family']]],
  );
  assert.deepEqual(devices, []);
});

test('the portal takes another secret before the client shows it', () => {
  const files = new Map(desired.resources.map((resource) => [keyOf(resource), resource]));
  assert.ok(files.get('files/projects/app')?.needs.includes('files/portal/app'));
  assert.ok(!files.get('files/portal/app')?.needs.includes('files/projects/app'));
  assert.ok(files.get('files/portal/app')?.needs.includes('secret/projects/oidc-secret'));
});

test('a site where nobody signs in has no portal', () => {
  const ids = desireUnseen(siteOf('  directory: {}\n'), catalog).services.map(({ id }) => id);
  assert.ok(!ids.includes('portal'), ids.join());
});
