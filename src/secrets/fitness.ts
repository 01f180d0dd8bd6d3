import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import type { Subject } from './authority.ts';
import { type IssuedCertificate, pemBlocks } from './pem.ts';

/** OID of the usage "TLS server" (RFC 5280 section 4.2.1.12). */
const SERVER = '1.3.6.1.5.5.7.3.1';

/**
 * All that keeps a certificate from being served, worst first; empty where it fits. `pair.certificate`: the chain.
 * `roots`: PEM texts of whom clients trust.
 */
export function misfits(pair: IssuedCertificate, wanted: Subject, roots: string[]): string[] {
  const chain = readChain(pair.certificate);
  const [leaf] = chain;
  if (!leaf) return ['is no certificate'];
  return [
    ...outOfTime(leaf),
    ...missingNames(leaf, wanted),
    ...(fitsKey(leaf, pair.key) ? [] : ['was made for another key']),
    ...(leaf.keyUsage?.includes(SERVER) ? [] : ['is not for servers']),
    ...(leaf.ca ? ['may sign others'] : []),
    ...untrusted(chain, roots),
  ];
}

/** Certificates of a PEM text, in their order; none where one of them cannot be read. */
export function readChain(pem: string): X509Certificate[] {
  try {
    return pemBlocks(pem, 'CERTIFICATE').map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}

export function outOfTime({ validFromDate: from, validToDate: to }: X509Certificate): string[] {
  if (Date.now() < from.getTime()) return [`begins ${from.toISOString()}`];
  return Date.now() >= to.getTime() ? [`ended ${to.toISOString()}`] : [];
}

/**
 * Whether two thirds of its life are over, or up to a tenth less: by its serial, which is random, so that those made
 * in one minute are not renewed in one minute.
 */
export function isDue({
  validFromDate,
  validToDate,
  serialNumber,
}: Pick<X509Certificate, 'validFromDate' | 'validToDate' | 'serialNumber'>): boolean {
  const from = validFromDate.getTime();
  const earlier = createHash('sha256').update(serialNumber).digest().readUInt16BE() / 0xffff / 10;
  return Date.now() > from + (validToDate.getTime() - from) * (2 / 3 - earlier);
}

export function missingNames(leaf: X509Certificate, { names, addresses = [] }: Subject): string[] {
  return [
    ...names.filter((name) => leaf.checkHost(name) === undefined),
    ...addresses.filter((address) => leaf.checkIP(address) === undefined),
  ].map((missing) => `is not for ${missing}`);
}

function fitsKey(leaf: X509Certificate, key: string): boolean {
  try {
    return leaf.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false; // no key at all
  }
}

/** Follows the chain until a root signed; what a server sends after that does not matter. */
export function untrusted(chain: X509Certificate[], roots: string[]): string[] {
  const trusted = roots.flatMap(readChain).filter((root) => outOfTime(root).length === 0);
  let last: X509Certificate | undefined;
  for (const certificate of chain) {
    if (last && !isSignedBy(last, certificate)) break;
    if (last && outOfTime(certificate).length > 0) return [`its intermediate ${outOfTime(certificate)[0]}`];
    if (trusted.some((root) => isSignedBy(certificate, root))) return [];
    last = certificate;
  }
  const issuer = last?.issuer.replaceAll('\n', ', ');
  return [`is signed by ${issuer}, which neither comes with it nor is trusted`];
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
