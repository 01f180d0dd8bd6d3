import type { LoginSpec } from '../model/login.ts';
import { consumerOf } from '../secrets/leases/login-provider.ts';
import type { Rotator } from '../secrets/leases/rotator.ts';
import type { Composed } from './compose.ts';

/** After each run the logins of its services are looked after. */
export function tended(world: Composed, rotator: Rotator): Composed {
  return {
    ...world,
    tend(resources) {
      world.tend(resources);
      const logins = resources.filter(({ kind }) => kind === 'login');
      rotator.keep(
        logins.map(({ name, spec }) => consumerOf(name, spec as LoginSpec)),
        world.leases,
      );
    },
  };
}
