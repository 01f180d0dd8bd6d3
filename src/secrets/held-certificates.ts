import { certificateRefs } from '../model/certificate.ts';
import { caPaths } from './certificate-provider.ts';
import { readChain } from './fitness.ts';
import type { SecretStore } from './store.ts';

/** The lives of the site CA's own certificates and of those with these names, as far as they are there; ms since 1970. */
export function heldCertificates(store: Pick<SecretStore, 'get'>, names: string[]) {
  const wanted = [
    { role: 'root', name: 'the root of the site CA', path: caPaths.root.certificate },
    { role: 'intermediate', name: 'the intermediate of the site CA', path: caPaths.intermediate.certificate },
    ...names.map((name) => ({ role: 'leaf', name, path: certificateRefs(name).chain.secret }) as const),
  ] as const;
  return wanted.flatMap(({ role, name, path }) => {
    const [certificate] = readChain(store.get(path)?.reveal() ?? '');
    if (!certificate) return [];
    const { validFromDate: from, validToDate: to } = certificate;
    return [{ role, name, from: from.getTime(), to: to.getTime() }];
  });
}
