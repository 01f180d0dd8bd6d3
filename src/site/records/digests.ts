import { type Checked, ok, refuse } from '../checked.ts';
import { hexOf, isBase64, isNumber, words } from './fields.ts';

/** Values that hold hashes or keys: numbers, and then hexadecimal digits. */

interface Form {
  /** How many numbers, and the words for them. */
  names: string[];
  example: string;
  /** Known values by position; a sentence for each. */
  known: [values: number[], expected: string, hint: string][];
  /** Which of the numbers tells the length of the hash; bytes by its value, where the length is fixed. */
  digest: number;
  bytes: Record<string, number>;
}

const TLSA: Form = {
  names: ['USAGE', 'SELECTOR', 'MATCHING', 'HEX'],
  example: '3 1 1 and 64 hexadecimal digits',
  known: [
    [
      [0, 1, 2, 3],
      'a certificate usage from 0 to 3 (RFC 6698 section 7.2)',
      '3, for the certificate of the server itself',
    ],
    [[0, 1], 'the selector 0 or 1 (RFC 6698 section 7.3)', '1, for the public key'],
    [[0, 1, 2], 'the matching type 0, 1 or 2 (RFC 6698 section 7.4)', '1, for SHA-256'],
  ],
  digest: 2,
  bytes: { 1: 32, 2: 64 },
};

const FORMS = {
  TLSA,
  SMIMEA: TLSA,
  DS: {
    names: ['KEYTAG', 'ALGORITHM', 'DIGESTTYPE', 'HEX'],
    example: '12345 13 2 and 64 hexadecimal digits',
    known: [
      [[], 'a key tag from 0 to 65535', '12345'],
      [
        [8, 10, 13, 14, 15, 16],
        'a DNSSEC algorithm in use: 8, 10, 13, 14, 15 or 16 (RFC 8624)',
        '13, ECDSA P-256',
      ],
      [[2, 4], 'the digest type 2 or 4 (RFC 8624 section 3.3)', '2, SHA-256'],
    ],
    digest: 2,
    bytes: { 2: 32, 4: 48 },
  },
  SSHFP: {
    names: ['ALGORITHM', 'TYPE', 'HEX'],
    example: '4 2 and 64 hexadecimal digits, as ssh-keygen -r prints them',
    known: [
      [[1, 3, 4, 6], 'a key of RSA 1, ECDSA 3, Ed25519 4 or Ed448 6', '4, for Ed25519'],
      [[1, 2], 'the fingerprint type 1 or 2 (RFC 6594)', '2, SHA-256'],
    ],
    digest: 1,
    bytes: { 1: 20, 2: 32 },
  },
} satisfies Record<string, Form>;

export function checkDigest(type: keyof typeof FORMS): (value: string) => Checked<string> {
  const { names, example, known, digest, bytes }: Form = FORMS[type];
  return (value) => {
    const fields = words(value);
    const numbers = fields.slice(0, known.length);
    const hex = hexOf(fields.slice(known.length));
    if (numbers.length < known.length || !numbers.every((field) => isNumber(field, 65_535)))
      return refuse(`"${names.join(' ')}"`, example);
    for (const [i, [values, expected, hint]] of known.entries())
      if (values.length > 0 && !values.includes(Number(numbers[i]))) return refuse(expected, hint);
    if (hex === undefined) return refuse('hexadecimal digits, two a byte, at the end', example);
    const wanted = bytes[numbers[digest] ?? ''];
    if (wanted !== undefined && hex.length !== 2 * wanted)
      return refuse(`${2 * wanted} hexadecimal digits for that kind, not ${hex.length}`, 'copying it again');
    return ok([...numbers, hex].join(' '));
  };
}

/** OPENPGPKEY (RFC 7929): a whole public key in base64. */
export function checkOpenpgpkey(value: string): Checked<string> {
  const text = value.replace(/\s/g, '');
  return isBase64(text) ? ok(text) : refuse('a key in base64', 'gpg --export NAME | base64 -w0');
}
