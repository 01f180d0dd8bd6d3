import { fingerprint } from '../model/fingerprint.ts';
import type { Consent } from '../model/hold.ts';
import type { Change, Kind, Observed } from '../model/resource.ts';
import { type Desired, desire } from '../plan/desired.ts';
import { diff } from '../plan/plan.ts';
import { foresee, noteTtl } from '../plan/renumbering.ts';
import { isExpected } from '../util/errors.ts';
import { applyChanges, type Outcome } from './apply.ts';
import type { Listener } from './events.ts';
import { observeAll } from './observe.ts';
import type { World } from './world.ts';

export interface Seen {
  desired: Desired;
  observed: Observed;
  changes: Change[];
}

export interface Converged {
  desired: Desired;
  /** Changes made. */
  made: number;
  /** By key: what could not be made, and why. */
  faults: Map<string, Outcome>;
  /** Kinds that stayed unknown to the end. */
  unknown: Partial<Record<Kind, string>>;
  /** Hash of what is wanted and of what is in force: the same after any path to the same state. */
  stateHash: string;
}

/** More passes than these mean that two things undo each other. */
const PASSES = 4;

/** Looks at the world and says what would have to change. Writes nothing. */
export async function look(world: World): Promise<Seen> {
  const addresses = world.state.addresses() ?? { subnet: await world.chooseSubnet(), given: {} };
  const suite = world.state.suite();
  const network = foresee(world.site.network, world.state.network());
  const blank: Observed = {
    ...{ resources: {}, addresses, network },
    ...keysOf(world),
    ...(suite ? { suite } : {}),
  };
  const desired = desire(world.site, world.catalog, blank);
  const { resources, unknown } = await observeAll(world.providers, desired.resources);
  const observed = { ...blank, resources, unknown: { ...unknown, ...blank.unknown } };
  return { desired, observed, changes: review(world, diff(desired.resources, observed)) };
}

/** Notes with each change why it is not to be made for now, where a provider says so. */
function review({ providers, state, consent }: World, changes: Change[]): Change[] {
  const yes: Consent = { names: new Set(), keys: new Set(), ...consent, held: new Set(state.held()) };
  const holds = new Map(providers.flatMap((provider) => [...(provider.review?.(changes, yes) ?? [])]));
  return changes.map((change) => {
    const held = holds.get(change.key);
    return held ? { ...change, held } : change;
  });
}

/**
 * Makes the world as the site wants it: look, change, look again, until nothing is left to change but
 * what failed. Level-triggered: where it starts from does not matter, nor where an earlier run was killed.
 */
export async function converge(world: World, listen: Listener): Promise<Converged> {
  await settleFacts(world, listen);
  const network = foresee(world.site.network, world.state.network());
  world.state.saveNetwork(noteTtl(network, world.site.dns.ttl, Date.now()));
  const faults = new Map<string, Outcome>();
  let made = 0;
  let repinned = false;
  for (let pass = 1; ; pass++) {
    const { desired, observed, changes } = await look(world);
    await world.noteKeys(desired.resources, observed);
    const subnet = observed.addresses.subnet;
    world.state.saveAddresses({ subnet, given: desired.addresses });
    world.state.saveHeld(changes.filter(({ held }) => held).map(({ key }) => key));
    const open = changes.filter((change) => !faults.has(change.key));
    if (pass === 1 || open.length > 0) listen({ type: 'planned', changes: open.length });
    if (open.length === 0 || pass > PASSES) {
      for (const change of open) faults.set(change.key, { change, fault: { text: restless(change) } });
      return { desired, made, faults, unknown: observed.unknown, stateHash: hashOf(desired, observed) };
    }
    const outcomes = await applyChanges(open, world.providers, listen);
    if (!repinned && outcomes.some(({ fault }) => isStale(fault?.error))) {
      // The archive has moved on from the pinned state: images are named by a newer one from here on.
      repinned = true;
      await pinSuite(world, listen);
    } else for (const outcome of outcomes) if (outcome.fault) faults.set(outcome.change.key, outcome);
    const done = outcomes.filter((outcome) => !outcome.fault);
    made += done.length;
    const at = Date.now();
    world.state.record(done.map(({ change }) => ({ at, service: change.service, text: lineOf(change) })));
  }
}

/** Where it is not known which keys there are, no record is touched: those that name them would go. */
function keysOf(world: World): Pick<Observed, 'keys' | 'unknown'> {
  try {
    return { keys: world.keys(), unknown: {} };
  } catch (error) {
    if (!isExpected(error)) throw error;
    return { unknown: { record: error.message } };
  }
}

function hashOf(desired: Desired, observed: Observed): string {
  return fingerprint([desired.resources.map(({ spec }) => fingerprint(spec)), observed.resources]);
}

function lineOf(change: Change): string {
  return `${change.action} ${change.kind} ${change.name}: ${change.why.sentence}`;
}

function restless(change: Change): string {
  return `does not stay as it was made (found: ${change.observed ?? 'nothing'})`;
}

/** Facts chosen once and kept: without them the plan would not be the same twice. */
async function settleFacts(world: World, listen: Listener): Promise<void> {
  if (!world.state.addresses()) world.state.saveAddresses({ subnet: await world.chooseSubnet(), given: {} });
  if (!world.state.suite()) await pinSuite(world, listen);
}

/** By name, because `reconcile/` knows no builder: the pinned packages cannot be fetched any more. */
function isStale(error: unknown): boolean {
  return error instanceof Error && error.name === 'StaleSuite';
}

async function pinSuite(world: World, listen: Listener): Promise<void> {
  const key = 'image/suite';
  const start = Date.now();
  listen({ type: 'started', key, service: 'site', text: 'pin the state of the Debian archive' });
  const suite = await world.pinSuite((text, fraction) =>
    listen({ type: 'progress', key, text, ...(fraction === undefined ? {} : { fraction }) }),
  );
  world.state.saveSuite(suite);
  listen({ type: 'done', key, ms: Date.now() - start });
}
