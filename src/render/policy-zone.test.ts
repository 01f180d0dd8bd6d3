import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PersonFault } from '../util/errors.ts';
import { renderContent } from './content.ts';
import { ownersIn } from './policy-zone.ts';

const nothing = () => '';

test('a name stands with all below it', () => {
  const zone = renderContent({ format: 'policy-zone', action: 'pass', names: ['example.org'] }, nothing);
  assert.match(zone, /^\$TTL 300\n@ SOA .*\n@ NS /);
  assert.match(zone, /\nexample\.org CNAME rpz-passthru\.\n\*\.example\.org CNAME rpz-passthru\.\n$/);
});

test('a list of names means all below them, one of hosts and a policy zone what they say', () => {
  assert.deepEqual(ownersIn('# ads\nAds.example.net\r\n*.b.example.net.\n\nads.example.net # again\n'), [
    ...['ads.example.net', '*.ads.example.net', 'b.example.net', '*.b.example.net'],
  ]);
  assert.deepEqual(
    ownersIn(
      '127.0.0.1 localhost\n0.0.0.0 0.0.0.0\n0.0.0.0 a.example.net b.example.net ; both\n:: c.example.net',
    ),
    ['a.example.net', 'b.example.net', 'c.example.net'],
  );
  assert.deepEqual(
    ownersIn(
      [
        ...['$TTL 60', '@ IN SOA localhost. a. 1 2 3 4 5', '@ NS localhost.'],
        ...['a.example.net CNAME .', '*.a.example.net 60 IN CNAME .', 'b.example.net CNAME rpz-passthru.'],
        ...['c.example.net A 203.0.113.9', '32.9.113.0.203.rpz-ip CNAME .'],
      ].join('\n'),
    ),
    ['a.example.net', '*.a.example.net'],
  );
});

test('nothing of a list but names gets into the zone', () => {
  const long = `${'a.'.repeat(120)}net`;
  const lines = [
    '<html>',
    '$INCLUDE /etc/passwd',
    'a b',
    'x.net\tCNAME\tevil.net.',
    '-a.net',
    'a..net',
    '@',
    long,
  ];
  assert.deepEqual(ownersIn(lines.join('\n')), []);
});

test('a list without a name is a mistake, not a list that blocks nothing', () => {
  const content = { format: 'policy-zone', action: 'block', names: { list: '/etc/ads' } } as const;
  assert.throws(() => renderContent(content, nothing, () => '<html></html>'), PersonFault);
});
