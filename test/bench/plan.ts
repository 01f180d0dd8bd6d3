import { cpus } from 'node:os';
import { z } from 'zod';
import { planText } from '../../src/cli/plan.ts';
import { database } from '../../src/contracts/database.ts';
import { httpRoute } from '../../src/contracts/http-route.ts';
import { secret } from '../../src/contracts/secret.ts';
import { defineService } from '../../src/contracts/service.ts';
import { volume } from '../../src/contracts/volume.ts';
import { loadCatalog } from '../../src/main/load-catalog.ts';
import { text } from '../../src/model/files.ts';
import { fingerprint } from '../../src/model/fingerprint.ts';
import { keyOf, type Observed } from '../../src/model/resource.ts';
import type { Site } from '../../src/model/site.ts';
import { plan } from '../../src/plan/plan.ts';
import type { Catalog } from '../../src/plan/resolve.ts';

/** How long a plan takes, beside the number of services: node test/bench/plan.ts [COUNT ...] */

/** As much as a service of the catalog asks for: a route, a database, a volume and a secret. */
const synthetic = defineService({
  type: 'synthetic',
  title: 'Synthetic',
  settings: z.strictObject({}),
  images: [{ name: 'synthetic', packages: ['synthetic'], users: [], files: {}, run: [] }],
  requests: ({ service }) => ({
    web: httpRoute({ host: service.host, port: 8000, why: 'people use it' }),
    database: database({ name: 'app', why: 'it keeps what people write' }),
    data: volume({ name: 'data', owner: 10100, why: 'it keeps files' }),
    key: secret({ name: 'session-key', why: 'it signs sessions' }),
  }),
  workload: (_, got) => ({
    containers: [
      {
        name: 'app',
        image: 'synthetic',
        command: ['synthetic'],
        user: 10100,
        memory: 64,
        files: [
          { path: 'app.conf', content: text`key = ${got.key.ref}\npassword = ${got.database.password}\n` },
        ],
        mounts: [{ volume: got.data.volume, path: '/var/lib/synthetic' }],
        scratch: ['/tmp'],
        reload: { how: 'restart' },
      },
    ],
    probe: { kind: 'tcp', port: 443 },
  }),
});

function generatedSite(count: number): Site {
  const services = Array.from({ length: count }, (_, i) => `s${String(i).padStart(5, '0')}`).map((id) => ({
    ...{ id, type: 'synthetic', host: `${id}.example.org` },
    settings: {},
  }));
  const network = {
    ipv6: { pool: '2001:db8:a:10::/64' },
    ipv4: { address: '203.0.113.7', listen: '203.0.113.7' },
  };
  return { version: 1, domain: 'example.org', network, administrators: [], services };
}

const catalog: Catalog = new Map([...(await loadCatalog()), ['synthetic', synthetic]]);
const suite = { suite: 'trixie', digest: '0'.repeat(64) };
const nothing: Observed = {
  resources: {},
  unknown: {},
  addresses: { subnet: '10.64.0.0/18', given: {} },
  suite,
};

/** The best of some runs, in milliseconds. */
function best<T>(runs: number, work: () => T): { ms: number; result: T } {
  let ms = Number.POSITIVE_INFINITY;
  let result = work();
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    result = work();
    ms = Math.min(ms, performance.now() - start);
  }
  return { ms, result };
}

const named = process.argv.slice(2).map(Number);
const counts = named.length > 0 ? named : [250, 500, 1000, 2000, 4000];
console.log(`Node ${process.versions.node}, ${cpus()[0]?.model ?? 'some processor'}\n`);
console.log('services  resources  first plan  nothing to do  as text  µs a service');
for (const count of counts) {
  const site = generatedSite(count);
  const first = best(3, () => plan(site, catalog, nothing));
  const { desired, changes } = first.result;
  const resources = Object.fromEntries(
    desired.resources.map((resource) => [keyOf(resource), { fingerprint: fingerprint(resource.spec) }]),
  );
  const settled = { ...nothing, resources, addresses: { subnet: '10.64.0.0/18', given: desired.addresses } };
  const again = best(3, () => plan(site, catalog, settled));
  if (again.result.changes.length > 0) throw new Error('a plan that was carried out left changes');
  const shown = best(1, () => planText(changes));
  const cells = [
    String(count).padStart(8),
    String(desired.resources.length).padStart(9),
    `${first.ms.toFixed(0)} ms`.padStart(10),
    `${again.ms.toFixed(0)} ms`.padStart(13),
    `${shown.ms.toFixed(0)} ms`.padStart(7),
    ((first.ms / count) * 1000).toFixed(0).padStart(12),
  ];
  console.log(cells.join('  '));
}
