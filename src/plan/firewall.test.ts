import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCatalog } from '../main/load-catalog.ts';
import { readSite } from '../site/read.ts';
import { PersonFault } from '../util/errors.ts';
import { plan } from './plan.ts';

const catalog = await loadCatalog();

function planned(listen: string) {
  const text = `version: 1
domain: example.org
network:
  ipv4: { address: 203.0.113.7 }
services:
  resolver: { clients: [192.168.1.0/24], listen: ${listen} }
`;
  const suite = { suite: 'trixie', digest: '0' };
  const addresses = { subnet: '10.64.0.0/20', given: {} };
  return plan(readSite(Buffer.from(text), 'site.yaml', catalog), catalog, {
    ...{ resources: {}, unknown: {}, addresses, suite },
  });
}

test('two services that want the same port of one address are told of each other', () => {
  assert.doesNotThrow(() => planned('192.168.1.2'));
  assert.throws(
    () => planned('203.0.113.7'),
    (error) => {
      assert.ok(error instanceof PersonFault);
      assert.deepEqual(
        error.faults.map(({ path }) => path),
        ['services.resolver', 'services.resolver'],
      );
      assert.match(error.message, /port 53\/udp; got 203\.0\.113\.7, where dns has it; try another address/);
      return true;
    },
  );
});
