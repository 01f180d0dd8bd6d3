import assert from 'node:assert/strict';
import { test } from 'node:test';
import { siteData } from '../../test/lib/site-data.ts';
import type { RecordView } from '../model/names.ts';
import { delegationText, recordsTable } from './dns.ts';
import { transferOf, transferText } from './secondaries-text.ts';

test('ds: lines as forms of registrars take them, glue for names inside the zone', () => {
  const ds = { keyTag: 55648, algorithm: 13, digestType: 2, digest: 'B4C8' };
  const nameServers = [{ name: 'ns1.example.org', addresses: ['203.0.113.7', '2001:db8::53'] }];
  assert.equal(
    delegationText({ zone: 'example.org', nameServers, ds, dnskey: '257 3 13 GojI==' }),
    `example.org
  example.org.      NS      ns1.example.org.
  ns1.example.org.  A       203.0.113.7
  ns1.example.org.  AAAA    2001:db8::53
  example.org.      DS      55648 13 2 B4C8
  example.org.      DNSKEY  257 3 13 GojI==
  key tag 55648, algorithm 13 (ECDSA P-256 with SHA-256), digest type 2 (SHA-256)
`,
  );
});

test('records: a table a zone, with who wants each and what is not as wanted', () => {
  const why = { service: 'contacts', rule: 'http-route', sentence: 'people come here' };
  const www: RecordView = {
    ...{ zone: 'example.org', name: 'www.example.org', type: 'A', ttl: 300, state: 'in place', why },
    values: ['203.0.113.7', '203.0.113.8'],
  };
  const theirs: RecordView = {
    ...{ zone: 'example.org', name: 'x.example.org', type: 'TXT', ttl: 60, state: 'foreign' },
    values: [`"${'y'.repeat(80)}"`],
  };
  assert.equal(
    recordsTable([www, theirs]),
    `example.org
NAME             TTL  TYPE  VALUE                                                         STATE    WHY
www.example.org  300  A     203.0.113.7                                                            contacts: people come here
                            203.0.113.8
x.example.org    60   TXT   "${'y'.repeat(58)}…  foreign
`,
  );
  assert.equal(recordsTable([]), 'No zone yet; try ./allod up.\n');
});

test('secondaries: whom they ask, and what Knot, NSD and BIND read', () => {
  const secondaries = [{ name: 'ns2.example.org', addresses: ['192.0.2.53', '2001:db8:ff::53'] }];
  const site = siteData({ dns: { ...siteData().dns, secondaries } });
  const ds = { keyTag: 55648, algorithm: 13, digestType: 2, digest: 'B4C8' };
  const nameServers = [
    { name: 'ns1.example.org', addresses: ['203.0.113.7', '2001:db8::53'] },
    { name: 'ns2.example.org', addresses: ['192.0.2.53', '2001:db8:ff::53'] },
  ];
  const transfer = transferOf(site, [{ zone: 'example.org', nameServers, ds, dnskey: '257 3 13 GojI==' }]);
  assert.equal(
    transferText(transfer),
    `ns2.example.org may fetch from 192.0.2.53 and 2001:db8:ff::53

Zones:
  example.org
Primary:
  203.0.113.7
  2001:db8::53

Knot DNS (knot.conf):

remote:
  - id: example.org
    address: [203.0.113.7, 2001:db8::53]
acl:
  - id: example.org
    address: [203.0.113.7, 2001:db8::53]
    action: notify
zone:
  - domain: example.org
    master: example.org
    acl: example.org

NSD (nsd.conf):

zone:
  name: example.org
  request-xfr: 203.0.113.7 NOKEY
  allow-notify: 203.0.113.7 NOKEY
  request-xfr: 2001:db8::53 NOKEY
  allow-notify: 2001:db8::53 NOKEY

BIND (named.conf):

zone "example.org" { type secondary; file "example.org.zone"; primaries { 203.0.113.7; 2001:db8::53; }; };
`,
  );
  assert.match(transferText({ ...transfer, secondaries: [] }), /^Nobody may fetch the zones/);
});
