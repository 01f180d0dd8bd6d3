import { randomBytes } from 'node:crypto';
import { fingerprint } from '../model/fingerprint.ts';
import type { Provider } from '../model/provider.ts';
import { keyOf } from '../model/resource.ts';
import type { SecretStore } from './store.ts';

/** Makes each wanted secret once: what exists is what is wanted, whichever version it is. */
export function secretProvider(store: SecretStore): Provider {
  return {
    kinds: ['secret'],
    async observe(desired) {
      const held = new Set(store.list().map((entry) => entry.path));
      const found = desired.filter((resource) => held.has(resource.name));
      return Object.fromEntries(found.map((r) => [keyOf(r), { fingerprint: fingerprint(r.spec) }]));
    },
    async apply(change) {
      const { bits } = change.spec as { bits: number };
      if (!store.get(change.name)) store.put({ [change.name]: generate(bits) });
    },
  };
}

/** `bits` of entropy as base64url text. */
export function generate(bits: number): string {
  return randomBytes(Math.ceil(bits / 8)).toString('base64url');
}
