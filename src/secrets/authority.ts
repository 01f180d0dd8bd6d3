import { X509Certificate } from 'node:crypto';
import { newRequest, selfSign, sign, subjectOf } from './openssl.ts';
import { type IssuedCertificate, newKey } from './pem.ts';

const DAY = 86_400_000;
const HOUR = DAY / 24;
const ROOT_DAYS = 3650;
/** Renewed at two thirds, it has a year left: longer than any certificate it signed. */
const INTERMEDIATE = 3 * 366 * DAY;

/** What a certificate of this site is for. */
export interface Subject {
  /** DNS names, at least one; the first is the subject where it fits. */
  names: string[];
  addresses?: string[];
}

/** A root for one site, ten years; path length 1 leaves room for the intermediate (RFC 5280 section 4.2.1.9). */
export async function createRoot(domain: string): Promise<IssuedCertificate> {
  return await selfSign(subjectOf(`${domain} site CA`, domain), ROOT_DAYS, [
    'basicConstraints=critical,CA:true,pathlen:1',
    'keyUsage=critical,keyCertSign,cRLSign',
  ]);
}

/** What signs for the root, so that the root's key is used once in two years; no longer than the root itself. */
export async function createIntermediate(
  root: IssuedCertificate,
  domain: string,
  scratch: string,
): Promise<IssuedCertificate> {
  const year = new Date().getUTCFullYear();
  const key = newKey();
  const request = await newRequest(subjectOf(`${domain} site CA ${year}`, domain), key, scratch);
  const extensions = [
    'basicConstraints=critical,CA:true,pathlen:0',
    'keyUsage=critical,keyCertSign,cRLSign',
    'subjectKeyIdentifier=hash',
    'authorityKeyIdentifier=keyid',
  ];
  const profile = { ...lifeWithin(root, INTERMEDIATE, DAY), extensions };
  return { certificate: await sign(root, request, profile, scratch), key };
}

/**
 * A server certificate for DNS names and IP addresses, without its chain, for `life` milliseconds from now, or until
 * its issuer ends. `scratch`: a directory on tmpfs. `key`: PEM.
 */
export async function issue(
  issuer: IssuedCertificate,
  { names, addresses = [] }: Subject,
  life: number,
  scratch: string,
  key: string = newKey(),
): Promise<IssuedCertificate> {
  const subject = subjectOf(names[0] ?? '');
  // Without a subject the names are critical (RFC 5280 section 4.2.1.6).
  const critical = subject === '/' ? 'critical,' : '';
  const request = await newRequest(subject, key, scratch);
  const extensions = [
    'basicConstraints=critical,CA:false',
    'keyUsage=critical,digitalSignature',
    'extendedKeyUsage=serverAuth',
    `subjectAltName=${critical}${alternatives(names, addresses)}`,
    'authorityKeyIdentifier=keyid',
  ];
  // Good for clients whose clock is somewhat behind.
  const profile = { ...lifeWithin(issuer, life, Math.min(HOUR, life / 10)), extensions };
  return { certificate: await sign(issuer, request, profile, scratch), key };
}

/** A request by which another CA certifies names for a key, PEM. `scratch`: a directory on tmpfs. */
export async function requestFor(names: string[], key: string, scratch: string): Promise<string> {
  const extensions = [`subjectAltName=${alternatives(names, [])}`];
  return await newRequest(subjectOf(names[0] ?? ''), key, scratch, extensions);
}

function alternatives(names: string[], addresses: string[]): string {
  return [...names.map((name) => `DNS:${name}`), ...addresses.map((address) => `IP:${address}`)].join(',');
}

/** From `early` milliseconds ago on; never longer than the issuer, since that would be a promise it cannot keep. */
function lifeWithin(issuer: IssuedCertificate, life: number, early: number): { from: Date; to: Date } {
  const { validFromDate, validToDate } = new X509Certificate(issuer.certificate);
  const now = Date.now();
  return {
    from: new Date(Math.max(now - early, validFromDate.getTime())),
    to: new Date(Math.min(now + life, validToDate.getTime())),
  };
}
