import type { Findings } from './findings.ts';
import type { Located } from './tree.ts';

const secretWords = new Set([
  'password',
  'passwd',
  'passphrase',
  'secret',
  'secrets',
  'token',
  'key',
  'credential',
  'credentials',
]);
const publicWords = new Set(['public', 'pub']);

/** Refuses values that look like secrets; they are never repeated in the fault. */
export function refusePastedSecrets(
  located: Located,
  findings: Findings,
  path: readonly PropertyKey[] = [],
): void {
  const name = path.at(-1);
  const named = typeof name === 'string' && namesSecret(name) && isWritten(located.value);
  if (named || isPrivateKey(located.value) || hasPassword(located.value)) {
    findings.add({
      offset: located.key ?? located.offset,
      path,
      expected: 'no secret in the site file',
      got: 'a value in clear (not shown here)',
      hint: 'removing it, as the store makes and keeps every secret; change it where it is in use already',
    });
    return;
  }
  const list = Array.isArray(located.value);
  for (const [key, child] of located.children)
    refusePastedSecrets(child, findings, [...path, list ? Number(key) : key]);
}

/** A reference to the store is none. */
function isWritten(value: unknown): boolean {
  if (typeof value === 'string') return value !== '' && !value.includes('${secret:');
  return typeof value === 'number';
}

function isPrivateKey(value: unknown): boolean {
  return typeof value === 'string' && /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value);
}

/** `https://name:password@host/` */
function hasPassword(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]+@/i.test(value);
}

/** `password`, `admin-password`, `clientSecret`, `api_key`; not `publicKey`. */
function namesSecret(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return secretWords.has(words.at(-1) ?? '') && !words.some((word) => publicWords.has(word));
}
