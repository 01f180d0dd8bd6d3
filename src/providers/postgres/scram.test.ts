import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scramVerifier, verifies } from './scram.ts';

/** Password, salt and keys of the exchange in RFC 7677 section 3. */
const RFC =
  'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=';

test('the verifier is the one of RFC 7677', () => {
  assert.equal(scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')), RFC);
});

test('a verifier tells its password from others, and anything else is no verifier', () => {
  assert.equal(verifies(RFC, 'pencil'), true);
  assert.equal(verifies(RFC, 'pencils'), false);
  assert.equal(verifies(scramVerifier('motor'), 'motor'), true);
  for (const other of [null, '', 'md5aa1f5ffb1db1c5cf8f11aeb6f6a0d0c9', 'SCRAM-SHA-256$', RFC.slice(0, -1)])
    assert.equal(verifies(other, 'pencil'), false, String(other));
});
