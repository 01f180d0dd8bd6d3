import { isIPv6, SocketAddress } from 'node:net';

/** The same content always gives the same text, however a person or the server writes it. */
export function canonicalValues(type: string, values: string[]): string[] {
  return [...new Set(values.map((value) => canonicalValue(type, value)))].sort();
}

function canonicalValue(type: string, value: string): string {
  if (type === 'A') return value.trim();
  if (type === 'AAAA' && isIPv6(value.trim()))
    return new SocketAddress({ address: value.trim(), family: 'ipv6' }).address;
  const tokens = tokenise(value);
  if (type === 'TXT')
    return tokens
      .flatMap(({ text }) => chunks(text))
      .map(quote)
      .join(' ');
  // Digits of keys and hashes may be spread over several words; letters of base64 are not the same in both cases.
  if (type === 'OPENPGPKEY') return tokens.map(plain).join('');
  const numbers = DIGESTS[type];
  if (numbers !== undefined)
    return [...tokens.slice(0, numbers), { text: hexOf(tokens.slice(numbers)) }].map(plain).join(' ');
  // In service bindings only priority and target ignore case, and quotes around parameters are optional.
  if (type === 'HTTPS' || type === 'SVCB')
    return value
      .trim()
      .split(/\s+/)
      .map((word, i) => (i < 2 ? word.toLowerCase() : word.replaceAll('"', '')))
      .join(' ');
  return tokens.map(({ text, quoted }) => (quoted ? quote(text) : text.toLowerCase())).join(' ');
}

/** Numbers before the digits of a hash or key. */
const DIGESTS: Record<string, number> = { DS: 3, SMIMEA: 3, SSHFP: 2, TLSA: 3 };

interface Token {
  /** Bytes as Latin-1 text, escapes resolved. */
  text: string;
  quoted: boolean;
}

/** Splits presentation format at white space outside quotes (RFC 1035 section 5.1). */
function tokenise(value: string): Token[] {
  const found = value.matchAll(/"((?:[^"\\]|\\.)*)"|((?:[^\s"\\]|\\.)+)/gs);
  return [...found].map(([, quoted, bare]) => ({
    text: decode(quoted ?? bare ?? ''),
    quoted: quoted !== undefined,
  }));
}

function decode(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/\\(\d{3})|\\(.)/gs, (_, decimal?: string, char?: string) =>
      decimal === undefined ? (char ?? '') : String.fromCharCode(Number(decimal)),
    );
}

/** One character string holds 255 bytes at most. */
function chunks(text: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length || at === 0; at += 255) parts.push(text.slice(at, at + 255));
  return parts;
}

function quote(text: string): string {
  const escaped = text.replace(/["\\]|[^ -~]/gs, (char) =>
    char === '"' || char === '\\' ? `\\${char}` : `\\${String(char.charCodeAt(0)).padStart(3, '0')}`,
  );
  return `"${escaped}"`;
}

function hexOf(tokens: Token[]): string {
  return tokens.map(plain).join('').toLowerCase();
}

function plain({ text }: { text: string }): string {
  return text;
}
