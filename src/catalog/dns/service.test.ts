import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dnsRecord } from '../../contracts/dns-record.ts';
import type { Context } from '../../contracts/service.ts';
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
