import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '../util/exec.ts';
import { withNameless } from '../util/nameless.ts';
import { type IssuedCertificate, pemBlocks } from './pem.ts';

/** What is to be certified. */
export interface Profile {
  /** First and last instant of its life; whole seconds count. */
  from: Date;
  to: Date;
  /** Lines of an openssl configuration file, x509v3_config(5). */
  extensions: string[];
}

/** Characters of a common name or an organization (RFC 5280 appendix A.1). */
const LONGEST = 64;

/** A new P-256 key without a passphrase, on standard output (openssl-req(1)). */
const NEW_KEY = ['-new', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-keyout', '-'];

/** Files of {@link sign}, in the order in which it hands them over. */
const [KEY, CERTIFICATE, CONFIGURATION, REQUEST] = [3, 4, 5, 6].map((n) => `/dev/fd/${n}`) as [
  ...[string, string, string, string],
];

/** A new key and a certificate signed with it. */
export async function selfSign(
  subject: string,
  days: number,
  extensions: string[],
): Promise<IssuedCertificate> {
  const added = extensions.flatMap((extension) => ['-addext', extension]);
  const pem = await exec([
    ...['openssl', 'req', '-x509', ...NEW_KEY, '-subj', subject, '-days', String(days)],
    ...added,
  ] as [string, ...string[]]);
  return { certificate: block(pem, 'CERTIFICATE'), key: block(pem, 'PRIVATE KEY') };
}

/**
 * A request for a certificate of a key (PKCS #10), PEM. `extensions`: what an outside CA has to be told. `scratch`: as in
 * {@link sign}.
 */
export async function newRequest(
  subject: string,
  key: string,
  scratch: string,
  extensions: string[] = [],
): Promise<string> {
  const added = extensions.flatMap((extension) => ['-addext', extension]);
  const argv = ['openssl', 'req', '-new', '-key', KEY, '-subj', subject, ...added] as const;
  return block(
    await withNameless(scratch, [key], (files) => exec([...argv], { files })),
    'CERTIFICATE REQUEST',
  );
}

/**
 * The certificate for a request, PEM. Not `openssl x509`, which counts life in days. `scratch`: a directory on tmpfs;
 * the key goes to openssl in a file without a name, and a folder there holds openssl's list of what it signed.
 */
export async function sign(
  issuer: IssuedCertificate,
  request: string,
  { from, to, extensions }: Profile,
  scratch: string,
): Promise<string> {
  const directory = mkdtempSync(join(scratch, 'sign-'));
  try {
    writeFileSync(join(directory, 'signed'), '');
    const texts = [issuer.key, issuer.certificate, configuration(extensions), request];
    const pem = await withNameless(directory, texts, (files) =>
      exec(
        [
          ...(['openssl', 'ca', '-batch', '-notext', '-preserveDN', '-config', CONFIGURATION] as const),
          ...['-keyfile', KEY, '-cert', CERTIFICATE, '-in', REQUEST, '-extensions', 'extensions'],
          ...['-startdate', time(from), '-enddate', time(to)],
        ],
        { files, cwd: directory },
      ),
    );
    return block(pem, 'CERTIFICATE');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A subject of a common name and perhaps an organization; `/`, none, where the name does not fit. */
export function subjectOf(commonName: string, organization?: string): string {
  const name = commonName.length <= LONGEST ? `/CN=${commonName}` : '/';
  return organization === undefined ? name : `/CN=${short(commonName)}/O=${short(organization)}`;
}

/** openssl-ca(1). Serials are random, 159 bits. */
function configuration(extensions: string[]): string {
  return `[ca]
default_ca = site
[site]
database = signed
new_certs_dir = .
default_md = sha256
rand_serial = yes
unique_subject = no
policy = subject
[subject]
commonName = optional
organizationName = optional
[extensions]
${extensions.join('\n')}
`;
}

function short(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 3)}...`;
}

/** `20261124080000Z` */
function time(date: Date): string {
  return `${date.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`;
}

function block(pem: string, label: string): string {
  const found = pemBlocks(pem, label)[0];
  if (!found) throw new Error(`openssl gave no ${label.toLowerCase()}`);
  return found;
}
