import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dsOf } from './ds.ts';
import { dsText } from './text.ts';

const p256 = 'GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==';
const p384 =
  'xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40';

function key(text: string, algorithm: number, flags = 257) {
  return { flags, algorithm, key: Buffer.from(text, 'base64') };
}

test('the DS of a key is the one of RFC 6605 section 6, and of dnssec-dsfromkey', () => {
  assert.deepEqual(dsOf('example.net', [key(p256, 13), key(p384, 14)]).map(dsText), [
    '55648 13 2 B4C8C1FE2E7477127B27115656AD6256F424625BF5C1E2770CE6D6E37DF61D17',
    '10771 14 2 FDE87F87D3A32AD8781EB0D79AC02F80D1381CECDA3567C2352B4986645C2DD0',
    '55648 13 4 3BE4B980B34443E569255F4A347D4C8E8E18DE755FB8072D7B355C44C56B50A61E8050AE636041B9664A04F05AEF2680',
    '10771 14 4 72D7B62976CE06438E9C0BF319013CF801F09ECC84B8D7E9495F27E305C6A9B0563A9B5F4D288405C3008A946DF983D6',
  ]);
});

test('no parent points to a key that only signs the zone, or that was revoked', () => {
  assert.deepEqual(dsOf('example.net', [key(p256, 13, 256), key(p256, 13, 257 | 0x80)]), []);
});
