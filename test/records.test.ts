import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fingerprint } from '../src/model/fingerprint.ts';
import type { Change, Resource } from '../src/model/resource.ts';
import type { RecordSpec } from '../src/model/zone.ts';
import { powerdns } from '../src/providers/powerdns/provider.ts';
import { canonicalValues } from '../src/providers/powerdns/values.ts';
import { readSite } from '../src/site/read.ts';
import { TYPES } from '../src/site/records/types.ts';
import { PersonFault } from '../src/util/errors.ts';
import { testPowerdns } from './lib/powerdns.ts';
import { drawing } from './lib/random.ts';
import { type Draw, drawRecord } from './lib/random-records.ts';
import { catalog } from './site/catalog.ts';

/** What the site file lets pass is what a real PowerDNS takes, keeps and serves. */
const DOMAIN = 'records.example.org';
const server = testPowerdns('allod-test-records', DOMAIN, 7);
const reach = { domain: DOMAIN, address: server.address, reveal: server.reveal };
/** Records drawn of each type. */
const ROUNDS = 40;
const whose = { service: 'dns', why: { service: 'dns', rule: 'test', sentence: 'test' }, needs: [] };

before(async () => {
  await server.start();
  const zone = { ...whose, ...server.resources[0] } as Resource;
  await powerdns(reach).apply(change(zone), () => {});
});
after(server.remove);

for (const type of TYPES)
  test(`${type}: what the site file lets pass, the server serves`, async () => {
    const draw = drawing(TYPES.indexOf(type));
    const provider = powerdns(reach);
    const drawn = Array.from({ length: ROUNDS }, (_, i) => drawRecord(type, i, draw));
    // DS is of a delegation
    const cuts =
      type === 'DS' ? drawn.map(({ name }) => ({ name, type: 'NS', values: ['ns.example.net.'] })) : [];
    const all = sound([...drawn, ...cuts]).map(resourceOf);
    const wanted = all.filter(({ spec }) => spec.type === type);
    // both outcomes are seen, so the draws are neither too wild nor too tame
    assert.ok(wanted.length > ROUNDS / 4 && wanted.length < ROUNDS, `${wanted.length} of ${ROUNDS}`);
    const outcomes = await Promise.allSettled(all.map((each) => provider.apply(change(each), () => {})));
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
    assert.deepEqual(refused, []);
    const seen = await provider.observe(wanted);
    for (const { name, spec } of wanted)
      assert.equal(seen[`record/${name}`]?.fingerprint, fingerprint(spec), `${name} is kept as it is wanted`);
    if (type === 'NS') return; // a delegation is no answer
    for (const { name, values } of wanted.map(({ spec }) => spec)) {
      const served: string[] = (await server.dig(name.replace('*', 'any'), type)).split('\n');
      assert.deepEqual(canonicalValues(type, served), canonicalValues(type, values), name);
    }
  });

/** The record sets of those entries that the validator finds no fault with. */
function sound(entries: Draw[]): RecordSpec[] {
  try {
    return read(entries);
  } catch (error) {
    if (!(error instanceof PersonFault)) throw error;
    // of many faults the last only counts the rest
    const paths = error.faults.flatMap(({ path }) => (path === undefined ? [] : [path]));
    const faulty = new Set(paths.map((path) => Number(/^dns\.records\[(\d+)\]/.exec(path)?.[1])));
    assert.ok(faulty.size > 0 && !faulty.has(Number.NaN), error.message);
    return sound(entries.filter((_, i) => !faulty.has(i)));
  }
}

function read(entries: Draw[]): RecordSpec[] {
  const text = `version: 1
domain: ${DOMAIN}
network:
  ipv4: { address: 203.0.113.7 }
dns:
  records: ${JSON.stringify(entries)}
`;
  return readSite(Buffer.from(text), 'site.yaml', catalog).dns.records;
}

function resourceOf(spec: RecordSpec): Resource & { spec: RecordSpec } {
  return { kind: 'record', name: `${spec.name}/${spec.type}`, spec, ...whose };
}

function change(resource: Resource): Change {
  return { ...resource, action: 'create', key: `record/${resource.name}` };
}
