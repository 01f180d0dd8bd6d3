import { PersonFault } from '../util/errors.ts';
import type { SecretStore } from './store.ts';

/** Values by path, read in the name of `actor`. Throws PersonFault naming every path the store does not hold. */
export function revealAll(store: SecretStore, paths: string[], actor: string): Record<string, string> {
  const own = store.as(actor);
  const found = paths.map((path) => [path, own.get(path)?.reveal()] as const);
  const unknown = found.filter(([, value]) => value === undefined);
  if (unknown.length > 0)
    throw new PersonFault(
      unknown.map(([where]) => ({
        where,
        message: 'expected a path that the store holds; got none of that name; try ./allod secrets list',
      })),
    );
  return Object.fromEntries(found.map(([path, value]) => [path, value ?? '']));
}
