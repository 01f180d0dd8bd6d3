import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import { generateSigningKey, privatePartsOf, thumbprintOf } from './jwk.ts';

test('a new key signs by RS256, and is called by its thumbprint', () => {
  const text = generateSigningKey();
  assert.ok(!text.includes('\n'));
  const jwk = JSON.parse(text);
  assert.deepEqual([jwk.kty, jwk.alg, jwk.use], ['RSA', 'RS256', 'sig']);
  assert.equal(jwk.kid, thumbprintOf(jwk));
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  assert.equal(key.asymmetricKeyDetails?.modulusLength, 2048);
  const shown = createPublicKey({ key: { kty: 'RSA', n: jwk.n, e: jwk.e }, format: 'jwk' });
  assert.ok(verify('sha256', Buffer.from('text'), shown, sign('sha256', Buffer.from('text'), key)));
  assert.notEqual(generateSigningKey(), text);
});

test('the thumbprint is that of the example of RFC 7638 section 3.1', () => {
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
  assert.equal(thumbprintOf({ n, e: 'AQAB' }), 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
});

test('what of a key is secret is told from what everybody is shown', () => {
  const text = generateSigningKey();
  const { d, p, q, dp, dq, qi, n, kid, e } = JSON.parse(text);
  assert.deepEqual(privatePartsOf(text), [d, p, q, dp, dq, qi]);
  assert.equal(privatePartsOf(JSON.stringify({ kty: 'RSA', n, e, kid })), undefined);
  for (const other of ['', '{', '{"kty":', 'text', '["kty"]', '{"kty":1,"d":"x"}'])
    assert.equal(privatePartsOf(other), undefined);
});
