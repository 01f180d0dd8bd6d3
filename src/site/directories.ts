import { type Checked, ok, refuse } from './checked.ts';

/** URL of the directory of a certificate authority (RFC 8555 section 7.1.1): https, no password, no fragment. */
export function checkDirectory(text: string): Checked<string> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url && url.username === '' && url.password === '' && url.hash === '' && !/\s/.test(text);
  if (plain && url.protocol === 'https:') return ok(url.href);
  return refuse(
    'the https URL of a directory, without a password',
    'https://acme-v02.api.letsencrypt.org/directory',
  );
}
