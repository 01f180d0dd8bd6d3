import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from '../../contracts/service.ts';
import type { RecordSpec } from '../../model/zone.ts';
import { caaValues } from './caa.ts';
import { service } from './service.ts';

test('who may issue: nobody but the authority of the site file, if it is known what that is called', () => {
  const at = (directory: string, issuer?: string) => caaValues({ directory, ...(issuer ? { issuer } : {}) });
  const wild = '0 issuewild ";"';
  assert.deepEqual(caaValues(undefined), ['0 issue ";"']);
  assert.deepEqual(at('https://acme-v02.api.letsencrypt.org/directory'), [
    '0 issue "letsencrypt.org; validationmethods=dns-01"',
    wild,
  ]);
  assert.deepEqual(at('https://letsencrypt.org.example.net/directory'), []);
  assert.deepEqual(at('https://notletsencrypt.org/directory'), []);
  assert.deepEqual(at('https://ca.example.net/directory'), []);
  assert.deepEqual(at('https://ca.example.net/directory', 'example.net'), ['0 issue "example.net"', wild]);
});

test('a CAA record of the site file goes before', () => {
  const caaOf = (records: RecordSpec[]) => {
    const network = { ipv4: { address: '203.0.113.7' } };
    const site = { domain: 'example.org', network, certificates: {}, dns: { records, secondaries: [] } };
    const uplinks = { pools: [], ipv4: [] };
    const context = { site, uplinks, address: () => '2001:db8::53' } as unknown as Context<object>;
    const got = { zoneKey: { ref: { secret: 'dns/zone-key' } } };
    const wanted = service.resources?.(context as never, got as never) ?? [];
    const found = wanted.filter(({ name }) => name === 'example.org/CAA');
    return found.map(({ spec }) => (spec as RecordSpec).values.join());
  };
  const own = { name: 'example.org', type: 'CAA', ttl: 300, values: ['0 issue "ca.example.net"'] };
  assert.deepEqual(caaOf([]), ['0 issue ";"']);
  assert.deepEqual(caaOf([{ ...own, name: 'www.example.org' }]), ['0 issue ";"']);
  assert.deepEqual(caaOf([own]), own.values.map(String));
});
