import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { layoutOf } from '../model/layout.ts';
import { desire } from '../plan/desired.ts';
import { resolve } from '../plan/resolve.ts';
import { readSite } from '../site/read.ts';
import { PersonFault } from '../util/errors.ts';
import { loadCatalog } from './load-catalog.ts';
import { planned, plannedHere } from './outside.ts';

const catalog = await loadCatalog();

function faultsOf(entries: string[], outside = plannedHere(catalog, '/var/lib/allod')): string[] {
  const text = `version: 1
domain: example.org
network:
  ipv6: { pool: 2001:db8:517e:f11e::/64 }
  ipv4: { address: 127.0.0.1 }
services:
  contacts: {}
secrets:
  files:
${entries.map((entry) => `    - { ${entry} }\n`).join('')}`;
  try {
    readSite(Buffer.from(text), 'site.yaml', catalog, outside);
    return [];
  } catch (error) {
    if (error instanceof PersonFault) return error.message.split('\n');
    throw error;
  }
}

test('what this machine has no place for, all at once, before anything is changed', () => {
  const faults = faultsOf([
    'path: /var/lib/allod/example.org/x, content: a',
    'path: /etc/../var/lib/allod/x, content: a',
    'path: /var/lib/allod-other/x, content: a',
    'path: /etc, content: a',
    'path: /etc/passwd/x, content: a',
    'path: /etc/app/x, content: a, user: nobody-has-this, group: nor-this',
    'path: /no/such/place/x, content: a, user: nobody, group: "12345"',
  ]);
  const told = faults.map((fault) => fault.replace(/^site\.yaml:(\d+):\d+ secrets\.files\[\d\]/, '$1'));
  assert.deepEqual(told, [
    '10.path: expected a path outside the state of sites; got /var/lib/allod/example.org/x; try a path below /etc',
    '11.path: expected a path outside the state of sites; got /var/lib/allod/x; try a path below /etc',
    '13.path: expected the path of a file; got a directory of this machine; try /etc/NAME',
    '14.path: expected a path below directories; got /etc/passwd, which is none; try another path',
    '15.user: expected a user of this machine; got "nobody-has-this"; try adding the user first',
    '15.group: expected a group of this machine; got "nor-this"; try adding the group first',
  ]);
});

test('certificates that may be referred to are those the plan makes', () => {
  const content = (host: string) => `path: /etc/app/${host}, content: "\${secret:certificates/${host}/key}"`;
  assert.deepEqual(faultsOf([content('contacts.example.org')], planned(catalog)), []);
  const [fault = ''] = faultsOf([content('edge.example.org')], planned(catalog));
  assert.match(
    fault,
    /expected a path that the store has .* got "certificates\/edge\.example\.org\/key"; try /,
  );
});

function recordFaults(records: object[], more = '', secondaries: object[] = []): string[] {
  const text = `version: 1
domain: example.org
network: { ipv6: { pool: "2001:db8:a:10::/64" }, ipv4: { address: 127.0.0.1 } }
services: { contacts: { host: people }, projects: { host: example.org } }
dns: { records: ${JSON.stringify(records)}, secondaries: ${JSON.stringify(secondaries)} }
${more}`;
  try {
    readSite(Buffer.from(text), 'site.yaml', catalog, planned(catalog));
    return [];
  } catch (error) {
    if (error instanceof PersonFault)
      return error.message.split('\n').map((fault) => fault.replace(/^\S+ /, ''));
    throw error;
  }
}

test('records that a service decides are refused, those that join are not', () => {
  const acme = 'certificates: { acme: { directory: "https://ca.example.net/directory" } }';
  const challenge = { name: '_acme-challenge.people.example.org', type: 'CNAME', value: 'a.example.net.' };
  assert.deepEqual(
    recordFaults([
      { name: 'people', type: 'A', value: '203.0.113.8' },
      { name: 'people', type: 'TXT', value: 'joined' },
      { name: '@', type: 'MX', value: '10 mail.example.net.' },
      { name: 'ns1', type: 'AAAA', value: '2001:db8::8' },
      { name: 'other', type: 'CNAME', value: 'people' },
    ]),
    [
      'dns.records[0].name: expected a name whose A no service of the site decides; got people.example.org; people.example.org has A of the service contacts; try another name, or another "host:" for contacts',
      'dns.records[3].name: expected a name whose AAAA no service of the site decides; got ns1.example.org; ns1.example.org has AAAA of the service dns; try another name',
    ],
  );
  assert.deepEqual(recordFaults([{ name: 'people', type: 'CNAME', value: 'a.example.net.' }]), [
    'dns.records[0].name: expected a name whose CNAME no service of the site decides; got people.example.org; people.example.org has HTTPS of the service contacts; try another name, or another "host:" for contacts',
  ]);
  assert.deepEqual(recordFaults([{ name: 'people', type: 'NS', value: 'ns.example.net.' }]).length, 1);
  assert.deepEqual(recordFaults([challenge]), []);
  assert.deepEqual(recordFaults([challenge], acme), [
    'dns.records[0].name: expected a name that the site does not need itself, to prove its hosts to the certificate authority; got _acme-challenge.people.example.org; try removing it',
  ]);
});

test('a name server of others has a name that neither a service nor a record has', () => {
  const at = (name: string) => ({ name, addresses: [name === 'ns2' ? '192.0.2.53' : '192.0.2.54'] });
  const records = [
    { name: 'ns2', type: 'A', value: '192.0.2.55' },
    { name: 'ns2', type: 'TXT', value: 'joined' },
    { name: 'ns3', type: 'CNAME', value: 'ns.example.net.' },
  ];
  assert.deepEqual(recordFaults([], '', [at('ns2'), at('ns1.example.net')]), []);
  assert.deepEqual(recordFaults([], '', [at('ns1')]), [
    'dns.secondaries[0].name: expected the name of a machine of somebody else; got ns1.example.org, which has AAAA of the service dns; try another name',
  ]);
  assert.equal(recordFaults([], '', [at('people.example.org')]).length, 1);
  assert.deepEqual(
    recordFaults(records, '', [at('ns2'), at('ns3')]).map((fault) => fault.split(':')[0]),
    ['dns.records[0].name', 'dns.records[2].name'],
  );
});

test('no second SPF record, and no mail and mail, beside what a service wants', () => {
  const records = [
    { name: '@', type: 'TXT', value: 'v=spf1 -all' },
    { name: '@', type: 'MX', value: '0 .' },
    { name: 'lists', type: 'TXT', value: 'v=spf1 -all' },
  ];
  const text = `{ version: 1, domain: example.org, network: { ipv4: { address: 127.0.0.1 } },
    dns: { records: ${JSON.stringify(records)} } }`;
  const mail = { name: 'example.org', ttl: 300, service: 'mail' };
  const wanted = [
    { ...mail, type: 'TXT', values: ['"v=spf1 mx -all"'] },
    { ...mail, type: 'MX', values: ['10 mail.example.org.'] },
    { ...mail, name: 'lists.example.org', type: 'TXT', values: ['"other"'] },
  ];
  assert.throws(
    () => readSite(Buffer.from(text), 'site.yaml', catalog, { records: () => wanted }),
    (error) =>
      error instanceof PersonFault &&
      assert.deepEqual(
        error.faults.map(({ path }) => path),
        ['dns.records[0].name', 'dns.records[1].name'],
      ) === undefined,
  );
});

test('another site that runs here is asked for its addresses, one that does not is not', () => {
  const stateRoot = mkdtempSync(join(tmpdir(), 'allod-state-'));
  try {
    const text = (domain: string) =>
      `{ version: 1, domain: ${domain}, network: { ipv4: { address: 127.0.0.1 } }, services: { contacts: } }`;
    const faults = () => {
      try {
        readSite(Buffer.from(text('example.org')), 'site.yaml', catalog, plannedHere(catalog, stateRoot));
        return [];
      } catch (error) {
        return error instanceof PersonFault ? error.faults.map(({ path }) => path) : [error];
      }
    };
    const { root, site, run } = layoutOf(stateRoot, 'example.net');
    mkdirSync(root, { recursive: true });
    writeFileSync(site, text('example.net'));
    assert.deepEqual(faults(), []);
    mkdirSync(`${run}/files`, { recursive: true });
    assert.deepEqual(faults(), ['network.ipv4.address']);
    writeFileSync(site, 'version: 99');
    assert.deepEqual(faults(), [], 'a file that cannot be read says nothing');
  } finally {
    rmSync(stateRoot, { recursive: true });
  }
});

test("a name server of others brings the site's own along", () => {
  const text = `{ version: 1, domain: example.org, network: { ipv4: { address: 127.0.0.1 } },
    dns: { secondaries: [ { name: ns2.example.net, addresses: [192.0.2.53] } ] } }`;
  const site = readSite(Buffer.from(text), 'site.yaml', catalog, planned(catalog));
  assert.deepEqual(
    resolve(site, catalog).map(({ context }) => context.service.id),
    ['dns'],
  );
});

test('a record brings the server of names along', () => {
  const text = `{ version: 1, domain: example.org, network: { ipv4: { address: 127.0.0.1 } },
    dns: { records: [ { name: www, type: TXT, value: "it's" } ] } }`;
  const site = readSite(Buffer.from(text), 'site.yaml', catalog, planned(catalog));
  const addresses = { subnet: '10.64.0.0/20', given: {} };
  const { services, resources } = desire(site, catalog, { resources: {}, unknown: {}, addresses });
  assert.deepEqual(
    services.map(({ id }) => id),
    ['dns'],
  );
  const record = resources.find(({ name }) => name === 'www.example.org/TXT');
  assert.deepEqual(record?.spec, { name: 'www.example.org', type: 'TXT', ttl: 300, values: ['"it\'s"'] });
  assert.deepEqual(record?.why, {
    service: 'dns',
    rule: 'dns.records',
    sentence: 'the site file asks for it',
  });
});
