import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextData, siteData } from '../../../test/lib/site-data.ts';
import { dnsRecord } from '../../contracts/dns-record.ts';
import type { Context } from '../../contracts/service.ts';
import { secretRef } from '../../model/secret.ts';
import type { RecordSpec, ZoneSpec } from '../../model/zone.ts';
import { pdnsConf } from './config.ts';
import { service } from './service.ts';

const context = {} as Context;

test('the same record set asked for twice is one, with both values and the shorter TTL', () => {
  const fulfilment = service.provides?.fulfil(context, context, {
    one: dnsRecord({ name: 'Example.org', type: 'TXT', values: ['"b"', '"a"'], why: 'first' }),
    two: dnsRecord({ name: 'example.org', type: 'TXT', values: ['"c"', '"a"'], ttl: 60, why: 'second' }),
    other: dnsRecord({ name: 'example.org', type: 'MX', values: ['10 mail.example.org.'], why: 'mail' }),
  });
  assert.deepEqual(
    fulfilment?.resources?.map(({ name, spec }) => [name, spec]),
    [
      ['example.org/TXT', { name: 'example.org', type: 'TXT', ttl: 60, values: ['"a"', '"b"', '"c"'] }],
      ['example.org/MX', { name: 'example.org', type: 'MX', ttl: 300, values: ['10 mail.example.org.'] }],
    ],
  );
});

const secondaries = [
  { name: 'a.ns.example.net', addresses: ['192.0.2.53', '2001:db8:ff::53'] },
  { name: 'ns2.example.org', addresses: ['198.51.100.53', '2001:db8:fe::53', '198.51.100.54'] },
];

test('name servers of others are in every zone; those of the domain have addresses in it', () => {
  const site = siteData({ dns: { ...siteData().dns, secondaries } });
  const own = { id: 'dns', type: 'dns', host: 'dns.example.org', settings: {} };
  const got = { zoneKey: { ref: secretRef('dns/zone-key') } };
  const wanted = service.resources?.(contextData(own, site) as never, got as never) ?? [];
  const zones = wanted.filter(({ kind }) => kind === 'zone').map(({ spec }) => (spec as ZoneSpec).ns);
  const ns = ['a.ns.example.net.', 'ns1.example.org.', 'ns2.example.org.'];
  assert.deepEqual(zones, [ns, ns]);
  const records = wanted
    .filter(({ rule }) => rule === 'dns.secondaries')
    .map(({ spec }) => spec as RecordSpec);
  assert.deepEqual(records, [
    { name: 'ns2.example.org', type: 'A', ttl: 3600, values: ['198.51.100.53', '198.51.100.54'] },
    { name: 'ns2.example.org', type: 'AAAA', ttl: 3600, values: ['2001:db8:fe::53'] },
  ]);
});

test('zones are fetched by the addresses of the site file, and by nobody without any', () => {
  const confWith = (list: typeof secondaries) => {
    const content = pdnsConf(secretRef('dns/api-key'), '2001:db8::1', list);
    return content.format === 'text' ? content.parts.join('') : '';
  };
  assert.match(confWith([]), /^disable-axfr=yes$/m);
  assert.doesNotMatch(confWith([]), /allow-axfr-ips|also-notify/);
  const addresses = '192.0.2.53, 2001:db8:ff::53, 198.51.100.53, 2001:db8:fe::53, 198.51.100.54';
  for (const line of [`allow-axfr-ips=${addresses}`, 'only-notify=', `also-notify=${addresses}`])
    assert.ok(confWith(secondaries).split('\n').includes(line), line);
  assert.doesNotMatch(confWith(secondaries), /disable-axfr/);
});
