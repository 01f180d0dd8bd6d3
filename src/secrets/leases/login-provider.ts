import { loginRefs } from '../../model/database.ts';
import { fingerprint } from '../../model/fingerprint.ts';
import type { LoginConsumer, LoginSpec } from '../../model/login.ts';
import type { Provider } from '../../model/provider.ts';
import type { SecretStore } from '../store.ts';
import { begin, type LeaseParts } from './life-cycle.ts';

/** Sees to it that the store holds a login for each service with a database; the rotator does the rest. */
export function loginProvider(store: SecretStore, parts: LeaseParts): Provider {
  return {
    kinds: ['login'],
    async observe(desired) {
      const held = store.list().flatMap(({ path }) => /^logins\/([^/]+)\/role$/.exec(path)?.[1] ?? []);
      // A login in force has whatever spec is wanted: its successor goes by the times of today.
      const specs = new Map(desired.map(({ name, spec }) => [name, fingerprint(spec)]));
      return Object.fromEntries(
        held.map((name) => [`login/${name}`, { fingerprint: specs.get(name) ?? 'not wanted' }]),
      );
    },
    async apply({ action, name, spec }) {
      if (action !== 'delete') return begin(parts, consumerOf(name, spec as LoginSpec));
      for (const { secret } of Object.values(loginRefs(name))) store.forget(secret, 0);
    },
  };
}

export function consumerOf(service: string, { owner, databases, times }: LoginSpec): LoginConsumer {
  return { service, owner, databases, times };
}
