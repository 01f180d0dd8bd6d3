import { privatePartsOf } from '../../util/jwk.ts';

/** One way a value of the store may be written down. */
export interface Needle {
  /** Path in the store. */
  secret: string;
  /** `as it is`, `base64`, …; of a key, each line is looked for. */
  form: string;
  bytes: Buffer;
}

/** Shorter values would be found everywhere. */
export const SHORTEST = 8;
/** Characters of a long value that are looked for; in base64 fewer, as long lines of it are broken. */
const LONGEST = 192;
const LONGEST_BASE64 = 40;
/** Characters of a line of PEM that are no accident. */
const LINE = 16;

/** All ways a value may be written down; none for a public one, or one that is too short to be told from others. */
export function needlesOf(secret: string, value: string): Needle[] {
  if (isPublic(value)) return [];
  const pieces = piecesOf(value).filter((piece) => Buffer.byteLength(piece) >= SHORTEST);
  return pieces.flatMap((piece) => formsOf(startOf(piece)).map(([form, bytes]) => ({ secret, form, bytes })));
}

/** Certificates and public keys, and nothing beside them. */
export function isPublic(value: string): boolean {
  const rest = value.replaceAll(/-----BEGIN (CERTIFICATE|PUBLIC KEY)-----[^-]*-----END \1-----/g, '');
  return value !== '' && rest.trim() === '';
}

/**
 * A key by its lines, one that signs zones by its number alone, one that signs tokens by its private members, JSON by its
 * texts too, anything else as a whole.
 */
function piecesOf(value: string): string[] {
  if (value.includes('-----BEGIN ')) {
    const secret = value.replaceAll(/-----BEGIN (CERTIFICATE|PUBLIC KEY)-----[^-]*-----END \1-----/g, '');
    const lines = secret.split(/\r?\n/).filter((line) => line.length >= LINE && !line.startsWith('-----'));
    if (lines.length > 0) return lines;
  }
  const [, zoneKey] = /^PrivateKey: (\S+)$/m.exec(value) ?? [];
  if (zoneKey) return [zoneKey];
  const members = privatePartsOf(value);
  if (members) return members;
  return [...new Set([value, ...textsIn(parse(value))])];
}

function parse(text: string): unknown {
  try {
    return /^\s*[[{]/.test(text) ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

function textsIn(data: unknown): string[] {
  if (typeof data === 'string') return [data];
  return typeof data === 'object' && data !== null ? Object.values(data).flatMap(textsIn) : [];
}

/** Not the first half of a character. */
function startOf(text: string): string {
  return text.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, '');
}

function formsOf(text: string): [string, Buffer][] {
  const value = Buffer.from(text);
  const hex = value.toString('hex');
  const base64 = [0, 1, 2].map((before) => base64At(value, before));
  const forms: [string, string][] = [
    ...base64.map((written): [string, string] => ['in base64', written]),
    ...base64.map((written): [string, string] => [
      'in base64',
      written.replace(/\+/g, '-').replace(/\//g, '_'),
    ]),
    ['in hex', hex],
    ['in hex', hex.toUpperCase()],
    ['in a form', new URLSearchParams([['', text]]).toString().slice(1)],
    ['in a URL', encodeURIComponent(text.toWellFormed())],
    ['in JSON', JSON.stringify(text).slice(1, -1)],
    ['as it is', text],
  ];
  // The plainest form comes last, and names what several would give.
  const distinct = new Map(forms.map(([form, written]) => [written, form]));
  return [...distinct].map(([written, form]) => [form, Buffer.from(written)]);
}

/** The characters a value is sure to give in base64 with so many bytes before it, whatever these are. */
function base64At(value: Buffer, before: number): string {
  const written = Buffer.concat([Buffer.alloc(before), value]).toString('base64');
  const sure = written.slice(Math.ceil((before * 8) / 6), Math.floor(((before + value.length) * 8) / 6));
  return sure.slice(0, LONGEST_BASE64);
}
