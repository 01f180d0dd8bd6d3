import { createPublicKey } from 'node:crypto';
import { type Checked, ok, refuse } from '../checked.ts';
import { checkSpf, isSpf } from './spf.ts';

/** Bytes of text in one record: more is a mistake, and hardly anybody would get the answer. */
const LONGEST = 4000;
/** Bytes of one character string (RFC 1035 section 3.3). */
const CHUNK = 255;

/** TXT: any text, given plainly; in quotes and in strings of 255 bytes as the zone wants it. */
export function checkTxt(value: string, name: string): Checked<string> {
  if (/^".*"$/s.test(value)) return refuse('the text itself, without quotes of its own', value.slice(1, -1));
  if (/[\p{Cc}]/u.test(value))
    return refuse('text on one line, without control characters', 'one long line in quotes');
  const bytes = Buffer.from(value);
  if (bytes.length === 0 || bytes.length > LONGEST)
    return refuse(`text of 1 to ${LONGEST} bytes, not ${bytes.length}`, 'another text');
  const refused = isSpf(value) ? checkSpf(value) : isDkim(name) ? checkDkim(value) : undefined;
  return refused ?? ok(chunksOf(bytes).join(' '));
}

/** How many strings a value in presentation format has. */
export function chunkCount(value: string): number {
  return value.split('" "').length;
}

function chunksOf(bytes: Buffer): string[] {
  const count = Math.ceil(bytes.length / CHUNK);
  return Array.from({ length: count }, (_, i) => {
    const text = bytes.subarray(i * CHUNK, (i + 1) * CHUNK).toString('latin1');
    return `"${text.replace(/["\\]|[^ -~]/gs, escaped)}"`;
  });
}

function escaped(char: string): string {
  return char === '"' || char === '\\' ? `\\${char}` : `\\${String(char.charCodeAt(0)).padStart(3, '0')}`;
}

function isDkim(name: string): boolean {
  return /(^|\.)_domainkey\./.test(name) && !name.startsWith('_domainkey.');
}

/** A key record of DKIM (RFC 6376 section 3.6.1, RFC 8463): undefined where it is sound. */
function checkDkim(value: string): ReturnType<typeof refuse> | undefined {
  const tags = new Map(
    value.split(';').flatMap((tag) => {
      const [key = '', ...rest] = tag.split('=');
      return key.trim() === '' ? [] : [[key.trim(), rest.join('=').trim()] as const];
    }),
  );
  const key = tags.get('p')?.replace(/\s/g, '');
  if (key === undefined)
    return refuse('a key record of DKIM with the tag p= (RFC 6376)', 'v=DKIM1; k=rsa; p=…');
  if ((tags.get('v') ?? 'DKIM1') !== 'DKIM1') return refuse('v=DKIM1 (RFC 6376)', 'v=DKIM1; k=rsa; p=…');
  if (key === '') return undefined; // the key is withdrawn
  const again = 'copying the whole key again';
  const bytes = Buffer.from(key, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== key.replace(/=+$/, ''))
    return refuse('base64 after p=', again);
  const kind = tags.get('k') ?? 'rsa';
  if (kind === 'ed25519')
    return bytes.length === 32
      ? undefined
      : refuse(`a key of 32 bytes after p= for Ed25519, not ${bytes.length}`, again);
  if (kind !== 'rsa') return refuse('k=rsa or k=ed25519', 'k=rsa');
  const bits = rsaBits(bytes);
  if (bits === undefined) return refuse('an RSA public key after p=', again);
  if (bits < 1024 || bits > 4096)
    return refuse(`an RSA key of 1024 to 4096 bits (RFC 8301), not ${bits}`, 'a new key of 2048 bits');
  return undefined;
}

function rsaBits(der: Buffer): number | undefined {
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'rsa' ? key.asymmetricKeyDetails?.modulusLength : undefined;
  } catch {
    return undefined;
  }
}
