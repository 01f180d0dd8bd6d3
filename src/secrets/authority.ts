import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '../util/exec.ts';

/** PEM texts of a certificate and its key (PKCS #8). */
export interface IssuedCertificate {
  certificate: string;
  key: string;
}

/** A new P-256 key without a passphrase; key and certificate on standard output (openssl-req(1)). */
const NEW: [string, ...string[]] = [
  'openssl',
  'req',
  '-x509',
  '-new',
  '-nodes',
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:P-256',
  '-keyout',
  '-',
];

/** Characters of a common name or an organization (RFC 5280 appendix A.1). */
const LONGEST = 64;

/** A root for one site, ten years; path length 1 leaves room for an intermediate (RFC 5280 section 4.2.1.9). */
export async function createRoot(domain: string): Promise<IssuedCertificate> {
  return split(
    await exec([
      ...NEW,
      ...['-subj', `/CN=${short(`${domain} site CA`)}/O=${short(domain)}`, '-days', '3650'],
      ...extension('basicConstraints=critical,CA:true,pathlen:1'),
      ...extension('keyUsage=critical,keyCertSign,cRLSign'),
    ]),
  );
}

/**
 * A server certificate for DNS names and IP addresses, signed by the root; the first name is the subject where it fits.
 * `scratch`: a directory on tmpfs; openssl reads the root's key from a file there, gone when this returns.
 */
export async function issue(
  root: IssuedCertificate,
  { names, addresses = [] }: { names: string[]; addresses?: string[] },
  days: number,
  scratch: string,
): Promise<IssuedCertificate> {
  const [first = ''] = names;
  // A subject holds 64 characters (RFC 5280 appendix A.1); without one the names are critical (4.2.1.6).
  const [subject, critical] = first.length <= LONGEST ? [`/CN=${first}`, ''] : ['/', 'critical,'];
  const alternatives = [
    ...names.map((name) => `DNS:${name}`),
    ...addresses.map((address) => `IP:${address}`),
  ];
  const directory = mkdtempSync(join(scratch, 'issue-'));
  try {
    const file = join(directory, 'root.pem');
    writeFileSync(file, root.key + root.certificate, { mode: 0o600 });
    return split(
      await exec([
        ...NEW,
        ...['-subj', subject, '-days', String(days), '-CA', file, '-CAkey', file],
        ...extension('basicConstraints=critical,CA:false'),
        ...extension('keyUsage=critical,digitalSignature'),
        ...extension('extendedKeyUsage=serverAuth'),
        ...extension(`subjectAltName=${critical}${alternatives.join(',')}`),
      ]),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function short(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 3)}...`;
}

function extension(text: string): string[] {
  return ['-addext', text];
}

function split(pem: string): IssuedCertificate {
  const blocks = pem.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----\n/g) ?? [];
  const key = blocks.find((block) => block.includes('PRIVATE KEY'));
  const certificate = blocks.find((block) => block.includes('BEGIN CERTIFICATE'));
  if (!key || !certificate) throw new Error('openssl gave no certificate');
  return { certificate, key };
}
