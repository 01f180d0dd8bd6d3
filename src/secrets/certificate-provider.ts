import { X509Certificate } from 'node:crypto';
import { type CertificateSpec, certificateRefs, keyPaths, siteCa } from '../model/certificate.ts';
import { fingerprint } from '../model/fingerprint.ts';
import type { Provider } from '../model/provider.ts';
import { keyOf, type Resource } from '../model/resource.ts';
import { Deferred, PersonFault, Transient } from '../util/errors.ts';
import { limit } from '../util/limit.ts';
import { createIntermediate, createRoot, issue } from './authority.ts';
import { isDue, misfits, missingNames, outOfTime, readChain, untrusted } from './fitness.ts';
import { besideKey, chooseKey } from './key-book.ts';
import type { IssuedCertificate } from './pem.ts';
import type { SecretStore } from './store.ts';

/** Orders a certificate from another CA and returns when it is in the store. Throws {@link Deferred}. */
export type PlaceOrder = (name: string, spec: CertificateSpec, goodUntil: Date) => Promise<void>;

/** What the store keeps of the site CA. */
export const caPaths = {
  root: { certificate: siteCa.secret, key: 'ca/root/key' },
  intermediate: { certificate: 'ca/intermediate/certificate', key: 'ca/intermediate/key' },
} as const;

/** Who made a certificate: a directory's URL, or this. */
const OWN = 'site CA';
/** Certificates made at a time: each is two processes. */
const WIDTH = 8;

/**
 * Keeps a certificate for every name in the store, from the site CA or, where a spec says so, from another one; renewed
 * when a third of its life is left. Nothing enters the store that could not be served.
 */
export function certificateProvider(store: SecretStore, scratch: string, placeOrder: PlaceOrder): Provider {
  const turn = limit(WIDTH);
  const read = new Map<string, { version: number; text: string }>();

  function held(paths: { certificate: string; key: string }): IssuedCertificate | undefined {
    const [certificate, key] = [store.get(paths.certificate)?.reveal(), store.get(paths.key)?.reveal()];
    return certificate && key ? { certificate, key } : undefined;
  }

  /** What is in the store now of what is no secret. Each version is read once, so that the audit log is of use. */
  function look(): (path: string) => string | undefined {
    const versions = new Map(store.list().map(({ path, version }) => [path, version]));
    return (path) => {
      const version = versions.get(path);
      if (version === undefined) return undefined;
      let seen = read.get(path);
      if (seen?.version !== version) {
        seen = { version, text: store.get(path)?.reveal() ?? '' };
        read.set(path, seen);
      }
      return seen.text;
    };
  }

  function state(resource: Resource, textOf: (path: string) => string | undefined): string | undefined {
    const spec = resource.spec as CertificateSpec;
    const chain = textOf(spec.ca ? siteCa.secret : certificateRefs(resource.name).chain.secret);
    if (!chain) return undefined;
    const root = textOf(siteCa.secret) ?? '';
    const fault = spec.ca
      ? intermediateFault(readChain(textOf(caPaths.intermediate.certificate) ?? ''), root)
      : leafFault(chain, spec, textOf(sourceOf(resource.name)) ?? OWN, root);
    // One of before its keys were in the DNS.
    const unlisted = spec.tlsa && !textOf(keyPaths(resource.name).notes) ? 'has no next key' : undefined;
    return fault ?? unlisted ?? fingerprint(spec);
  }

  async function renewAuthority(domain: string): Promise<void> {
    let root = held(caPaths.root);
    if (!root) {
      root = await createRoot(domain);
      store.put({ [caPaths.root.certificate]: root.certificate, [caPaths.root.key]: root.key });
    }
    const [ill] = outOfTime(new X509Certificate(root.certificate));
    if (ill) throw rootFault(ill);
    const before = readChain(store.get(caPaths.intermediate.certificate)?.reveal() ?? '');
    if (!intermediateFault(before, root.certificate)) return;
    const good =
      before[0] && untrusted(before, [root.certificate]).length + outOfTime(before[0]).length === 0;
    const made = await keeping(
      good ? before[0]?.validToDate : undefined,
      createIntermediate(root, domain, scratch),
    );
    const fault = intermediateFault(readChain(made.certificate), root.certificate);
    if (fault) throw new Transient(`what was made: ${fault}`);
    store.put({ [caPaths.intermediate.certificate]: made.certificate, [caPaths.intermediate.key]: made.key });
  }

  async function issueOwn(name: string, spec: CertificateSpec): Promise<void> {
    const [root, intermediate] = [held(caPaths.root), held(caPaths.intermediate)];
    if (!root || !intermediate) throw new Transient('the store holds no site CA yet');
    const life = (spec.lifetime ?? 0) * 1000;
    const key = chooseKey(store, name, spec);
    const leaf = await turn(() => issue(intermediate, spec, life, scratch, key));
    const pair = { certificate: leaf.certificate + intermediate.certificate, key: leaf.key };
    const [fault] = misfits(pair, spec, [root.certificate]);
    if (fault) throw new Transient(`the certificate that was made ${fault}`);
    store.put({ ...entriesOf(name, pair, OWN), ...besideKey(store, name, spec, key) });
  }

  /** Until when clients may be served what is held; undefined where they would refuse it now. */
  function goodUntil(name: string, spec: CertificateSpec): Date | undefined {
    const [leaf] = readChain(store.get(certificateRefs(name).chain.secret)?.reveal() ?? '');
    if (!leaf || outOfTime(leaf).length + missingNames(leaf, spec).length > 0) return undefined;
    return leaf.validToDate;
  }

  return {
    kinds: ['certificate'],
    async observe(desired) {
      const textOf = look();
      const found = desired.map((resource) => [keyOf(resource), state(resource, textOf)] as const);
      return Object.fromEntries(
        found.flatMap(([key, print]) => (print ? [[key, { fingerprint: print }]] : [])),
      );
    },
    async apply({ name, spec: wanted }) {
      const spec = wanted as CertificateSpec;
      if (spec.ca) return await renewAuthority(spec.names[0] ?? '');
      const until = goodUntil(name, spec);
      // No service waits for another CA: it is asked once there is something to serve.
      if (spec.acme && until) return await placeOrder(name, spec, until);
      await keeping(until, issueOwn(name, spec));
    },
  };
}

/** While the old certificate is good, not getting a new one is no failure yet. */
async function keeping<T>(until: Date | undefined, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!until || !(error instanceof Transient)) throw error;
    throw new Deferred(`${error.message}; the certificate in place is good until ${until.toISOString()}`);
  }
}

function rootFault(fault: string): PersonFault {
  const hint = 'setting the clock of this machine, if it is wrong';
  const message = `expected a root certificate for this day; got one that ${fault}; try ${hint}`;
  return new PersonFault({ where: 'site CA', message });
}

/** What the store keeps of a certificate, to be written at once. */
export function entriesOf(name: string, { certificate, key }: IssuedCertificate, source: string) {
  const refs = certificateRefs(name);
  return { [refs.chain.secret]: certificate, [refs.key.secret]: key, [sourceOf(name)]: source };
}

function sourceOf(name: string): string {
  return `certificates/${name}/source`;
}

/** Why a new intermediate is needed, if one is. The old one lives on in the chains it signed. */
function intermediateFault(chain: X509Certificate[], root: string): string | undefined {
  const [intermediate] = chain;
  if (!intermediate) return 'has no intermediate';
  const [fault] = [...outOfTime(intermediate), ...untrusted(chain, [root])];
  if (fault) return `intermediate: ${fault}`;
  // One that can't live longer than its root is not made anew for that.
  const last = intermediate.validToDate.getTime() >= new X509Certificate(root).validToDate.getTime();
  return isDue(intermediate) && !last
    ? `intermediate: ends ${intermediate.validToDate.toISOString()}`
    : undefined;
}

/** Why a held certificate has to be made anew, if it has to. */
function leafFault(pem: string, spec: CertificateSpec, source: string, root: string): string | undefined {
  const chain = readChain(pem);
  const [leaf] = chain;
  if (!leaf) return 'cannot be read';
  const [fault] = [...outOfTime(leaf), ...missingNames(leaf, spec)];
  if (fault) return fault;
  if (isDue(leaf)) return `ends ${leaf.validToDate.toISOString()}`;
  const wanted = spec.acme?.directory ?? OWN;
  if (source !== wanted) return `is from ${source}, not from ${wanted}`;
  if (spec.acme) return undefined; // whether clients trust it was seen when it came
  if (untrusted(chain, [root]).length > 0) return 'is not signed by the site CA';
  // A tenth of its life lies before its making.
  const life = (leaf.validToDate.getTime() - leaf.validFromDate.getTime()) / 1000;
  return life > (spec.lifetime ?? life) * 1.2 ? `lives ${Math.round(life / 86_400)} days` : undefined;
}
