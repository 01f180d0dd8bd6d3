import { createHash, createPublicKey, type X509Certificate } from 'node:crypto';
import { type CertificateSpec, certificateRefs, type KeyNotes, keyPaths } from '../model/certificate.ts';
import type { Observed, Resource } from '../model/resource.ts';
import { Deferred, Transient } from '../util/errors.ts';
import { advance, FORGOTTEN, listedKeys, mayUseNext, noteSight, type Sight } from './key-notes.ts';
import { newKey } from './pem.ts';
import type { SecretStore } from './store.ts';

/** The certificate a service shows; throws Transient where it does not answer. */
export type AskPort = (service: string, host: string, port: number) => Promise<X509Certificate | undefined>;

/** Keeps which keys certificates have had, have and will have, for the DNS to name them in time. */
export interface KeyBook {
  /** By name of the certificate. */
  listed(): Record<string, string[]>;
  /** Writes down what was seen, where it says something new. */
  note(resources: Resource[], observed: Observed): Promise<void>;
  /** Throws Deferred where a new key cannot be used yet. */
  assertNextKnown(certificate: Pick<Resource, 'name' | 'spec'>): void;
}

export function keyBook(store: SecretStore, ask: AskPort): KeyBook {
  /** Undefined where the port does not answer. */
  async function shownKey(service: string, host: string, port: number): Promise<string | undefined> {
    try {
      const shown = await ask(service, host, port);
      return shown && hashOf(shown.publicKey.export({ type: 'spki', format: 'der' }));
    } catch (error) {
      if (error instanceof Transient) return undefined;
      throw error;
    }
  }

  async function see({ service, spec }: Resource, notes: KeyNotes, observed: Observed): Promise<Sight> {
    const { names, tlsa = [] } = spec as CertificateSpec;
    const ports = names.flatMap((host) => tlsa.map((port) => ({ host, port })));
    const asked = notes.previous.length > 0 ? ports : [];
    const shown = await Promise.all(asked.map(({ host, port }) => shownKey(service, host, port)));
    if (observed.unknown.record) return { shown };
    const sets = ports.map(({ host, port }) =>
      observed.resources[`record/_${port}._tcp.${host}/TLSA`]?.values?.map(keyIn),
    );
    return { sets, shown };
  }

  return {
    listed() {
      const names = store.list().flatMap(({ path }) => /^certificates\/(.+)\/spki$/.exec(path)?.[1] ?? []);
      return Object.fromEntries(
        names.flatMap((name) => {
          const notes = readNotes(store, name);
          return notes ? [[name, listedKeys(notes)]] : [];
        }),
      );
    },
    async note(resources, observed) {
      if (store.sealed) return;
      const changed: Record<string, string> = {};
      for (const resource of resources) {
        if (resource.kind !== 'certificate' || !(resource.spec as CertificateSpec).tlsa) continue;
        const notes = readNotes(store, resource.name);
        if (!notes) continue;
        const sight = await see(resource, notes, observed);
        const text = JSON.stringify(noteSight(notes, sight, Date.now()));
        // An order that came meanwhile has written other notes.
        const isNew = text !== JSON.stringify(notes);
        if (isNew && JSON.stringify(readNotes(store, resource.name)) === JSON.stringify(notes))
          changed[keyPaths(resource.name).notes] = text;
      }
      if (Object.keys(changed).length === 0) return;
      try {
        store.put(changed, { keep: 1 });
      } catch (error) {
        if (!(error instanceof Transient)) throw error; // else the next look sees it again
      }
    },
    assertNextKnown({ name, spec }) {
      const notes = readNotes(store, name);
      if (!(spec as CertificateSpec).tlsa || !notes || mayUseNext(notes, Date.now())) return;
      throw new Deferred(
        `the next key of ${name} ${whyNotYet(notes)}; try again later, the one in place is good`,
      );
    },
  };
}

/**
 * The key for a certificate that is about to be made, PEM. Where the DNS names its keys it is the next one, if that may be
 * used, or else the one in place.
 */
export function chooseKey(store: SecretStore, name: string, { tlsa }: CertificateSpec): string {
  if (!tlsa) return newKey();
  const notes = readNotes(store, name);
  const path =
    notes && mayUseNext(notes, Date.now()) ? keyPaths(name).next : certificateRefs(name).key.secret;
  return store.get(path)?.reveal() ?? newKey();
}

/** What the store keeps beside a certificate that was made for a key. Throws Transient where another came meanwhile. */
export function besideKey(
  store: SecretStore,
  name: string,
  { tlsa }: CertificateSpec,
  key: string,
): Record<string, string> {
  if (!tlsa) return {};
  const notes = readNotes(store, name);
  const used = keyHash(key);
  if (used === notes?.current) return {};
  if (notes && !(used === notes.next && mayUseNext(notes, Date.now())))
    throw new Transient(`the key that the certificate was made for may not be used any more`);
  const following = newKey();
  const next = keyHash(following);
  const text = JSON.stringify(notes ? advance(notes, next) : { current: used, next, previous: [] });
  return { [keyPaths(name).next]: following, [keyPaths(name).notes]: text };
}

function whyNotYet({ previous, listed }: KeyNotes): string {
  if (previous.length > 0) return 'has to wait until the one before the current is forgotten';
  if (listed === undefined) return 'was not yet seen in the DNS';
  return `may be used from ${new Date(listed + FORGOTTEN).toISOString()}, when all resolvers know it`;
}

function readNotes(store: SecretStore, name: string): KeyNotes | undefined {
  const text = store.get(keyPaths(name).notes)?.reveal();
  return text === undefined ? undefined : (JSON.parse(text) as KeyNotes);
}

/** SHA-256 of a private key's public half, hex. */
export function keyHash(pem: string): string {
  return hashOf(createPublicKey(pem).export({ type: 'spki', format: 'der' }));
}

function hashOf(spki: Buffer): string {
  return createHash('sha256').update(spki).digest('hex');
}

/** The last field of `3 1 1 <hash>`. */
function keyIn(value: string): string {
  return value.split(' ').at(-1)?.toLowerCase() ?? '';
}
