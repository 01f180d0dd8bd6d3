import type { StatusFinding } from '../model/status.ts';
import type { NetworkMemory, OutsideActs } from '../model/uplinks.ts';
import { type Outlook, outlookOf } from '../plan/outlook.ts';
import { advance, dueAt, foresee, nameOf, noteTtl } from '../plan/renumbering.ts';
import { Deferred } from '../util/errors.ts';
import type { Converged } from './converge.ts';
import type { World } from './world.ts';

/** Milliseconds between looks at what is waited for outside. */
const OUTSIDE = 15_000;
/** Until the run that makes a phase that has just begun. */
const AT_ONCE = 0;

type Phased = Pick<World, 'site' | 'state' | 'outside'>;

/**
 * Takes a change of provider a step on where its time has come, and tells when to look again, ms since 1970: Infinity
 * where nothing is waited for.
 */
export async function nextPhase(world: Phased, result: Converged): Promise<number> {
  const outside = await outsideOf(world, world.state.network());
  // Read after that look, which takes its time: a person may have said meanwhile that it goes on.
  const before = world.state.network();
  if (!before?.renumbering) return Infinity;
  const facts = { now: Date.now(), ttl: world.site.dns.ttl, made: isMade(result), outside };
  const after = advance(before, facts);
  world.state.saveNetwork(after);
  const { renumbering } = after;
  if (renumbering?.phase !== before.renumbering.phase) {
    world.state.record([{ at: facts.now, service: 'site', text: lineOf(after) }]);
    return facts.now + AT_ONCE;
  }
  const due = dueAt(after, facts);
  return Number.isFinite(due) ? due : facts.now + OUTSIDE;
}

/** What is deferred, such as a certificate that is being ordered, has its own time and holds up nothing else. */
function isMade({ faults, unknown }: Converged): boolean {
  const failed = [...faults.values()].some(({ fault }) => !(fault?.error instanceof Deferred));
  return !failed && Object.keys(unknown).length === 0;
}

function lineOf({ inForce, renumbering }: NetworkMemory): string {
  if (!renumbering) return `the provider has changed: the site is at ${nameOf(inForce)}`;
  return `change of provider to ${nameOf(renumbering.to)}: ${renumbering.phase}`;
}

/** Nothing outside points to addresses that were never published. */
async function outsideOf(world: Phased, memory: NetworkMemory | undefined): Promise<OutsideActs> {
  const { phase, clear } = memory?.renumbering ?? {};
  if (!memory || phase !== 'both') return { acts: [], remembered: 0 };
  const outside = await world.outside(memory);
  return clear === undefined ? outside : { ...outside, acts: [] };
}

/** What the site file, as it is, makes of the networks: where the provider changes, and how far that is. */
export async function outlookFor(world: Phased): Promise<{ renumbering?: Outlook }> {
  const { ttl } = world.site.dns;
  const before = world.state.network();
  const now = Date.now();
  const memory = noteTtl(foresee(world.site.network, before), ttl, now);
  if (!memory.renumbering) return {};
  const outside = await world.outside(memory);
  const outlook = outlookOf(memory, { now, ttl, outside, begun: !!before?.renumbering });
  return outlook ? { renumbering: outlook } : {};
}

export function renumberingFindings({ state }: Pick<World, 'state'>): StatusFinding[] {
  const { renumbering } = state.network() ?? {};
  if (!renumbering) return [];
  const text = `the provider changes to ${nameOf(renumbering.to)}, now in its phase "${renumbering.phase}"`;
  return [{ id: 'renumbering', text, remedy: './allod renumber, to see what it waits for' }];
}
