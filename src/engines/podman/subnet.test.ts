import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pickSubnet } from './subnet.ts';

test('the same domain gets the same subnet, and another one where it is taken', () => {
  const first = pickSubnet('example.org', []);
  assert.match(first, /^10\.(6[4-9]|[789]\d|1[01]\d|12[0-7])\.(\d+)\.0\/20$/);
  assert.equal(Number(first.split('.')[2]) % 16, 0);
  assert.equal(pickSubnet('example.org', ['192.168.0.0/16', '10.0.0.0/10', '10.128.0.0/9']), first);
  const [address = ''] = first.split('/');
  const inside = address.replace(/\.0$/, '.7');
  for (const taken of [first, inside, `${inside}/32`, `${address}/19`, `${address}/24`]) {
    const second = pickSubnet('example.org', [taken]);
    assert.notEqual(second, first, taken);
  }
});

test('the last free one is found, and that there is none is said', () => {
  const all = Array.from({ length: 1024 }, (_, n) => `10.${64 + (n >> 4)}.${(n & 15) << 4}.0/20`);
  for (const free of [all[0], all[511], all[1023]])
    assert.equal(
      pickSubnet(
        'example.org',
        all.filter((subnet) => subnet !== free),
      ),
      free,
    );
  assert.throws(() => pickSubnet('example.org', all), /no \/20 .* is free/);
  assert.throws(() => pickSubnet('example.org', ['10.0.0.0/8']), /no \/20 .* is free/);
});
