import { type CertificateView, certificateRefs } from '../model/certificate.ts';
import type { Resource } from '../model/resource.ts';
import { refsIn } from '../model/secret.ts';
import { formatIpv6, parseIpv6 } from '../util/ip.ts';
import { caPaths } from './certificate-provider.ts';
import { readChain } from './fitness.ts';
import type { SecretStore } from './store.ts';

/** The site CA's own certificates and those that are wanted, as far as they are there. */
export function certificateViews(store: Pick<SecretStore, 'get'>, wanted: Resource[]): CertificateView[] {
  const files = wanted
    .filter(({ kind }) => kind === 'files')
    .map(({ service, spec }) => ({ service, refs: refsIn(spec) }));
  const leaves = wanted.filter(({ kind, spec }) => kind === 'certificate' && !(spec as { ca?: true }).ca);
  const all = [
    { name: 'site CA, root', path: caPaths.root.certificate },
    { name: 'site CA, intermediate', path: caPaths.intermediate.certificate },
    ...leaves.map(({ name }) => ({ name, path: certificateRefs(name).chain.secret })),
  ];
  return all.flatMap(({ name, path }) => {
    const [certificate] = readChain(store.get(path)?.reveal() ?? '');
    if (!certificate) return [];
    const { subjectAltName = '', issuer, serialNumber, validFromDate, validToDate } = certificate;
    // Files with the root in them are of who trusts it.
    const shows = leaves.some((leaf) => leaf.name === name) ? files.filter(({ refs }) => refs.has(path)) : [];
    return [
      {
        ...{ name, issuer: issuerOf(issuer), serial: serialNumber },
        names: subjectAltName.split(', ').flatMap(nameOf),
        ...{ from: validFromDate.getTime(), to: validToDate.getTime() },
        services: [...new Set(shows.map(({ service }) => service))].sort(),
      },
    ];
  });
}

/** Of a part of X509Certificate.subjectAltName, which has IPv6 addresses written out in capitals. */
function nameOf(part: string): string[] {
  const name = part.match(/^(?:DNS|IP Address):(.*)$/)?.[1];
  if (name === undefined) return [];
  const bits = parseIpv6(name);
  return [bits === undefined ? name : formatIpv6(bits)];
}

/** Of X509Certificate.issuer, which has a line an attribute: `Example Trust R11`, or the name alone where that says whose. */
function issuerOf(lines: string): string {
  const [owner = '', name = ''] = ['O', 'CN'].map(
    (key) => lines.match(new RegExp(`^${key}=(.*)$`, 'm'))?.[1],
  );
  return name.startsWith(owner) ? name : `${owner} ${name}`.trim();
}
