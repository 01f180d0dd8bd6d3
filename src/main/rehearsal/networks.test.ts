import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SiteNetwork } from '../../model/site.ts';
import { readSite } from '../../site/read.ts';
import { loadCatalog } from '../load-catalog.ts';
import { planned } from '../outside.ts';
import { GATEWAYS } from './lines.ts';
import { checkRequest, networksOf } from './networks.ts';
import { copyText } from './site-text.ts';

function network(pool: string | undefined, address: string): SiteNetwork {
  return { ...(pool ? { ipv6: { pool } } : {}), ipv4: { address, listen: address } };
}

const A = network('2001:db8:a:10::/64', '203.0.113.7');
const B = network('2001:db8:c:10::/64', '198.51.100.9');

test('to what is named, else to what the site file wants, else to documentation space', () => {
  const cut = false;
  assert.deepEqual(networksOf(A, B, { cut }), { old: A, new: B });
  const named = { pool: '2001:db8:d::/48', address: '198.51.100.4', cut };
  assert.deepEqual(networksOf(A, B, named).new, network('2001:db8:d::/48', '198.51.100.4'));
  assert.deepEqual(networksOf(A, A, { cut }).new, network('2001:db8:b:10::/64', '198.51.100.7'));
  assert.deepEqual(
    networksOf(network(undefined, '203.0.113.7'), network(undefined, '203.0.113.7'), { cut }),
    {
      old: network(undefined, '203.0.113.7'),
      new: network(undefined, '198.51.100.7'),
    },
  );
});

test("an address behind a router counts as the machine's own; a loopback address is replaced", () => {
  const behind = { ...A, ipv4: { address: '203.0.113.7', listen: '192.168.1.10' } };
  assert.deepEqual(networksOf(behind, behind, { cut: false }).old, A);
  const local = network('fd00:1:2:3::/64', '127.0.0.1');
  assert.deepEqual(networksOf(local, local, { cut: false }), {
    old: network('fd00:1:2:3::/64', '203.0.113.7'),
    new: network('2001:db8:a:10::/64', '198.51.100.7'),
  });
});

test('a network that is in force is no change', () => {
  const inForce = network('2001:db8:a::/64', '203.0.113.7');
  assert.throws(() => networksOf(inForce, A, { pool: '2001:db8:a::/48', cut: false }), {
    message: /^--pool: expected another one than that in force; got 2001:db8:a::\/64;/,
  });
});

test('what is no prefix or address is refused, all of it at once', () => {
  assert.throws(() => checkRequest({ pool: '2001:db8:a:10::1/64', address: '203.0.113' }), {
    message:
      '--pool: expected a prefix without host bits (those after the first 64); got "2001:db8:a:10::1/64"; did you mean 2001:db8:a:10::/64?\n' +
      '--address: expected an IPv4 address such as 203.0.113.7; got "203.0.113"',
  });
});

test('the site file of the copy: nothing that reaches beyond it, all else as it is', async () => {
  const catalog = await loadCatalog();
  const text = `version: 1
domain: example.org
network: { ipv6: { pool: 2001:db8:a:10::/64 }, ipv4: { address: 203.0.113.7, listen: 192.168.1.10 } }
dns: { ttl: 1h, policy: dry-run }
secrets:
  unseal: passphrase
  logins: { period: 2h }
  sources:
    token: { file: /etc/token }
  files:
    - { path: /etc/app.conf, content: "{{ secret app/token }}" }
certificates: { lifetime: 2d, acme: { directory: "https://acme.example.net/directory" } }
administrators: [alice]
services:
  family: { type: contacts, host: people }
`;
  const copy = readSite(
    Buffer.from(copyText(text, B, GATEWAYS['isp-b'])),
    'site.yaml',
    catalog,
    planned(catalog),
  );
  assert.deepEqual(copy.network, {
    ipv6: { ...B.ipv6, gateway: { address: 'fe80::1', interface: 'isp-b' } },
    ipv4: { ...B.ipv4, gateway: { address: '192.0.2.13' } },
  });
  assert.deepEqual([copy.dns.ttl, copy.dns.policy], [5, 'sync']);
  assert.deepEqual([copy.secrets.unseal, copy.secrets.sources, copy.secrets.files], ['host-key', [], []]);
  assert.equal(copy.secrets.logins.period, 7200);
  assert.deepEqual(copy.certificates, { lifetime: 2 * 86_400 });
  assert.deepEqual(copy.administrators, ['alice']);
  assert.deepEqual(
    copy.services.map(({ id, host }) => [id, host]),
    [['family', 'people.example.org']],
  );
});
