import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSite } from '../site/read.ts';
import { PersonFault } from '../util/errors.ts';
import { loadCatalog } from './load-catalog.ts';
import { planned, plannedHere } from './outside.ts';

const catalog = await loadCatalog();

function faultsOf(entries: string[], outside = plannedHere(catalog, '/var/lib/allod')): string[] {
  const text = `version: 1
domain: example.org
network:
  ipv6: { pool: 2001:db8:a:10::/64 }
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
