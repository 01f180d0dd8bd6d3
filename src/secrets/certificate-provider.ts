import { X509Certificate } from 'node:crypto';
import { certificateRefs, siteCa } from '../model/certificate.ts';
import { fingerprint } from '../model/fingerprint.ts';
import type { Provider } from '../model/provider.ts';
import { keyOf, type Resource } from '../model/resource.ts';
import { Transient } from '../util/errors.ts';
import { limit } from '../util/limit.ts';
import { createRoot, issue } from './authority.ts';
import type { SecretStore } from './store.ts';

interface CertificateSpec {
  names: string[];
  addresses?: string[];
  /** Set on the site CA itself. */
  ca?: boolean;
}

const LEAF_DAYS = 90;
const ROOT_KEY = 'ca/root/key';
/** Certificates made at a time: each is a process of its own. */
const WIDTH = 8;

/** Issues certificates from the site CA and keeps them in the store; renews when a third of the life is left. */
export function certificateProvider(store: SecretStore, scratch: string): Provider {
  const turn = limit(WIDTH);

  function reveal(path: string): string {
    const secret = store.get(path);
    if (!secret) throw new Transient(`the store holds no ${path} yet`);
    return secret.reveal();
  }

  function state(resource: Resource): string | undefined {
    const spec = resource.spec as CertificateSpec;
    const held = store.get(spec.ca ? siteCa.secret : certificateRefs(resource.name).chain.secret);
    if (!held) return undefined;
    const fault = spec.ca ? undefined : faultOf(held.reveal(), spec, store.get(siteCa.secret)?.reveal());
    return fault ?? fingerprint(resource.spec);
  }

  return {
    kinds: ['certificate'],
    async observe(desired) {
      const found = desired.map((resource) => [keyOf(resource), state(resource)] as const);
      return Object.fromEntries(
        found.flatMap(([key, print]) => (print ? [[key, { fingerprint: print }]] : [])),
      );
    },
    async apply(change) {
      const { ca, names, addresses = [] } = change.spec as CertificateSpec;
      if (ca) {
        if (store.get(siteCa.secret)) return;
        const root = await createRoot(names[0] ?? '');
        store.put({ [siteCa.secret]: root.certificate, [ROOT_KEY]: root.key });
        return;
      }
      const root = { certificate: reveal(siteCa.secret), key: reveal(ROOT_KEY) };
      const leaf = await turn(() => issue(root, { names, addresses }, LEAF_DAYS, scratch));
      const refs = certificateRefs(change.name);
      store.put({ [refs.chain.secret]: leaf.certificate, [refs.key.secret]: leaf.key });
    },
  };
}

/** Why a held certificate has to be issued anew, if it has to. */
function faultOf(
  pem: string,
  { names, addresses = [] }: CertificateSpec,
  rootPem: string | undefined,
): string | undefined {
  const leaf = new X509Certificate(pem);
  const from = leaf.validFromDate.getTime();
  const to = leaf.validToDate.getTime();
  if (Date.now() > from + ((to - from) * 2) / 3) return `ends ${leaf.validToDate.toISOString()}`;
  const missing =
    names.find((name) => leaf.checkHost(name) === undefined) ??
    addresses.find((address) => leaf.checkIP(address) === undefined);
  if (missing) return `is not for ${missing}`;
  if (!rootPem || !leaf.verify(new X509Certificate(rootPem).publicKey)) return 'is not signed by the site CA';
  return undefined;
}
