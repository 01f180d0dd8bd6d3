import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from '../../test/site/catalog.ts';
import { siteNotices } from './notices.ts';
import { readSite } from './read.ts';

function noticesOf(network: string, records: object[] = []): string[] {
  const text = `version: 1
domain: example.org
network: { ipv4: { address: 203.0.113.7 }${network} }
dns: { records: ${JSON.stringify(records)} }
`;
  return siteNotices(readSite(Buffer.from(text), 'site.yaml', catalog));
}
const WITH_IPV6 = ', ipv6: { pool: "2001:db8:a:10::/64" }';

test('without IPv6 it is said what is lost', () => {
  assert.deepEqual(noticesOf(''), [
    'no network.ipv6: people come over IPv4 alone, to web services and ports published at the one address; services that only IPv6 carries are not reached from outside, and there is no reverse zone',
  ]);
  assert.deepEqual(noticesOf(WITH_IPV6), []);
});

test('records that are allowed and yet worth a word', () => {
  const records = [
    { name: 'a', type: 'A', values: ['203.0.113.7', '192.168.1.2', '100.64.0.1', '203.0.113.8'] },
    { name: 'b', type: 'AAAA', values: ['2001:db8:a:10::9', 'fd00::1', '2001:db8::1'] },
    { name: 'c', type: 'TXT', values: ['x'.repeat(511), 'y'.repeat(255)] },
    { name: 'p\u0430ypal', type: 'A', value: '203.0.113.8' },
  ];
  const own =
    'is an address of this site, and stays when the provider changes; a CNAME to a service moves along';
  const inside = 'is private, so the name is of use inside only, and anybody can read it';
  assert.deepEqual(noticesOf(WITH_IPV6, records), [
    'the name "p\u0430ypal" mixes letters of several scripts: check that it is the one you mean',
    `dns.records a.example.org A: 100.64.0.1 ${inside}`,
    `dns.records a.example.org A: 192.168.1.2 ${inside}`,
    `dns.records a.example.org A: 203.0.113.7 ${own}`,
    `dns.records b.example.org AAAA: 2001:db8:a:10::9 ${own}`,
    `dns.records b.example.org AAAA: fd00::1 ${inside}`,
    'dns.records c.example.org TXT: the text is longer than 255 bytes and is published as 3 strings, read as one',
  ]);
});
