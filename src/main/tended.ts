import type { LoginSpec } from '../model/login.ts';
import type { Resource } from '../model/resource.ts';
import { consumerOf } from '../secrets/leases/login-provider.ts';
import type { Rotator } from '../secrets/leases/rotator.ts';
import type { Composed } from './compose.ts';

/** After each run the logins of its services are looked after; `look` is told what is laid out. */
export function tended(
  world: Composed,
  rotator: Rotator,
  look: (resources: Resource[]) => void = () => {},
): Composed {
  return {
    ...world,
    tend(resources) {
      world.tend(resources);
      const logins = resources.filter(({ kind }) => kind === 'login');
      rotator.keep(
        logins.map(({ name, spec }) => consumerOf(name, spec as LoginSpec)),
        world.leases,
      );
      look(resources);
    },
  };
}
