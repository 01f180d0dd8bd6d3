import { randomBytes } from 'node:crypto';
import { fingerprint } from '../model/fingerprint.ts';
import type { Provider } from '../model/provider.ts';
import { keyOf } from '../model/resource.ts';
import type { SecretSpec } from '../model/secret.ts';
import type { StoredEntry } from '../model/secret-store.ts';
import { generateKeyFile } from '../util/dnssec.ts';
import { generateSigningKey } from '../util/jwk.ts';
import type { SecretStore } from './store.ts';

/** Versions of a value that changes by itself: the one before is good until everything has taken the new one in. */
const KEPT = 3;

/** Makes each wanted secret once, and anew where its time is over: which version it is plays no part. */
export function secretProvider(store: SecretStore): Provider {
  return {
    kinds: ['secret'],
    async observe(desired) {
      const held = new Map(store.list().map((entry) => [entry.path, entry]));
      return Object.fromEntries(
        desired.flatMap((resource) => {
          const entry = held.get(resource.name);
          if (!entry) return [];
          const due = isDue(entry, resource.spec as SecretSpec);
          const print = due
            ? `due: it is of ${new Date(entry.since).toISOString()}`
            : fingerprint(resource.spec);
          return [[keyOf(resource), { fingerprint: print }]];
        }),
      );
    },
    async apply({ name, spec }) {
      const wanted = spec as SecretSpec;
      const entry = store.list().find(({ path }) => path === name);
      if (entry && !isDue(entry, wanted)) return;
      store.put({ [name]: valueFor(wanted) }, { keep: KEPT });
    },
  };
}

function isDue({ since }: StoredEntry, { rotation }: SecretSpec): boolean {
  return rotation !== undefined && 'every' in rotation && Date.now() >= since + rotation.every * 1000;
}

/** A new value of the form that is asked for. */
export function valueFor({ form, bits }: Pick<SecretSpec, 'form' | 'bits'>): string {
  if (form === 'dnssec-key') return generateKeyFile();
  return form === 'jwk' ? generateSigningKey() : generate(bits);
}

/** `bits` of entropy as base64url text. */
function generate(bits: number): string {
  return randomBytes(Math.ceil(bits / 8)).toString('base64url');
}
