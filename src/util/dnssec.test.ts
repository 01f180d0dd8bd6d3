import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dnskeyText, dsOf, generateKeyFile, keyTag, publicKeyOf } from './dnssec.ts';

/** The example of RFC 6605 section 6.1. */
const EXAMPLE = `Private-key-format: v1.2
Algorithm: 13 (ECDSAP256SHA256)
PrivateKey: GU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=
`;

test('the example of RFC 6605: the public key, its tag and its digest', () => {
  const key = publicKeyOf(EXAMPLE);
  assert.equal(
    dnskeyText(key),
    '257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==',
  );
  assert.equal(keyTag(key), 55648);
  assert.deepEqual(dsOf('Example.net.', key), {
    ...{ keyTag: 55648, algorithm: 13, digestType: 2 },
    digest: 'B4C8C1FE2E7477127B27115656AD6256F424625BF5C1E2770CE6D6E37DF61D17',
  });
});

test('a new key is another one each time, and can be read back', () => {
  const [one, other] = [generateKeyFile(), generateKeyFile()];
  assert.notEqual(one, other);
  assert.equal(publicKeyOf(one).key.length, 64);
});

for (const text of ['', 'PrivateKey: AAAA\n', EXAMPLE.replace('13', '8'), EXAMPLE.replace(/GU.*/, 'AAAA')])
  test(`what is no key is refused: ${JSON.stringify(text.slice(0, 60))}`, () => {
    assert.throws(() => publicKeyOf(text), /no private key/);
  });
