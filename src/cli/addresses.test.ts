import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exposure } from '../model/exposure.ts';
import { addressesTable } from './addresses.ts';

const web = { service: 'contacts', hosts: ['people.example.org'], port: 443, protocol: 'tcp' } as const;
const turn = {
  service: 'voice',
  hosts: ['voice.example.org'],
  port: 49_152,
  endPort: 49_407,
  protocol: 'udp',
} as const;
const house = { service: 'resolver', hosts: ['resolver.example.org'], port: 53, protocol: 'udp' } as const;
const from = ['192.168.1.0/24'];

function row(exposure: Omit<Exposure, 'hosts'> & { hosts: readonly string[] }): Exposure {
  return { ...exposure, hosts: [...exposure.hosts] };
}

test('a line a port: what is not in the DNS in brackets, ranges, by name, and for whom', () => {
  const at = (address: string, published = true) => ({ address, published });
  const table = addressesTable([
    row({
      ...web,
      family: 'ipv6',
      path: 'direct',
      addresses: [at('2001:db8:b::5', false), at('2001:db8:a::5')],
    }),
    row({ ...web, family: 'ipv4', path: 'edge', addresses: [at('203.0.113.7')] }),
    row({ ...turn, family: 'ipv6', path: 'direct', addresses: [at('2001:db8:a::6')] }),
    row({ ...house, family: 'ipv6', path: 'direct', from, addresses: [at('2001:db8:a::35')] }),
    row({ ...house, family: 'ipv4', path: 'forwarded', from, addresses: [at('192.168.1.2', false)] }),
  ]);
  assert.equal(
    table,
    `SERVICE   PORT             IPV6                           IPV4                              NAMES
contacts  443/tcp          (2001:db8:b::5) 2001:db8:a::5  203.0.113.7 by name               people.example.org
voice     49152-49407/udp  2001:db8:a::6                  –                                 voice.example.org
resolver  53/udp           –                              (192.168.1.2) for 192.168.1.0/24  resolver.example.org
`,
  );
});

test('nothing is reached', () => {
  assert.equal(addressesTable([]), 'No service has a port that people reach.\n');
});
