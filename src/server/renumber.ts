import { over } from '../plan/renumbering.ts';
import type { Listener } from '../reconcile/events.ts';
import type { Keeper } from '../reconcile/keeper.ts';
import { outlookFor } from '../reconcile/phases.ts';
import { PersonFault } from '../util/errors.ts';
import type { Api } from './api.ts';
import { faultsOf } from './faults.ts';

/** Shows a change of provider, or takes it on by a person's word. */
export async function renumber(
  keeper: Keeper,
  action: Api['renumber']['request']['action'],
  emit: Listener,
): Promise<Api['renumber']['answer']> {
  const { world } = keeper;
  if (action === 'show') return { ...(await outlookFor(world)), faults: [] };
  const memory = world.state.network() ?? { inForce: world.site.network };
  const { renumbering } = memory;
  if (!renumbering)
    throw new PersonFault({
      where: 'renumber',
      message: 'expected a change of provider under way; there is none; try ./allod up with the new network',
    });
  if (action === 'cut') world.state.saveNetwork(over(memory, renumbering.to));
  else {
    if (renumbering.phase !== 'both')
      throw new PersonFault({
        where: 'renumber --go-on',
        message: `expected a change that waits for something outside; it is in its phase "${renumbering.phase}", which ends by itself`,
      });
    world.state.saveNetwork({ ...memory, renumbering: { ...renumbering, clear: Date.now() } });
  }
  const result = await keeper.run(emit);
  return { ...(await outlookFor(world)), faults: faultsOf(result) };
}
