import type { SecretRef } from '../model/secret.ts';
import { Transient } from '../util/errors.ts';
import type { SecretStore } from './store.ts';

/** Gives values behind references, read in the name of `actor`. Throws Transient where the store holds none yet. */
export function revealTo(store: SecretStore, actor: string): (ref: SecretRef) => string {
  const own = store.as(actor);
  return ({ secret: path, previous }) => {
    const newest = own.get(path);
    if (!newest) throw new Transient(`the store holds no ${path} yet`);
    const before = previous ? own.version(path, newest.version - 1) : undefined;
    return (before ?? newest).reveal();
  };
}
