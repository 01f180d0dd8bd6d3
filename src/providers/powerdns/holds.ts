import type { Consent, Hold } from '../../model/hold.ts';
import type { Change } from '../../model/resource.ts';
import type { DnsPolicy } from '../../model/site.ts';
import { hostOf, zoneOf } from './belongs.ts';
import { isStrangers } from './keys.ts';

export interface Zones {
  policy: DnsPolicy;
  /** Names of our record sets that are there, by zone. */
  owned: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Fewer names than these may go at once without a question, unless they are all. */
const FEW = 5;

/**
 * Which changes are not made, by key: those the site's policy forbids, and removals that look more like a mistake than a
 * wish. What was held back once stays so until it is wanted again or a person says yes: else names that were added
 * meanwhile would make the rest look small.
 */
export function holdsOf(changes: Change[], { policy, owned }: Zones, yes: Consent): Map<string, Hold> {
  const mine = changes.filter(
    ({ kind, name }) => kind === 'zone' || (kind === 'record' && !isChallenge(name)),
  );
  if (policy === 'dry-run') return held(mine, DRY_RUN);
  const removals = mine.filter(({ action }) => action === 'delete');
  const strangers = mine.filter(({ kind, name, observed }) => {
    return kind === 'zone' && isStrangers(observed) && !yes.keys.has(name);
  });
  return new Map([
    ...strangers.flatMap((change) => [...held([change], strangerHold(change.name))]),
    ...(policy === 'upsert-only'
      ? held(removals, upsertOnly(removals.length))
      : shrinking(removals, owned, yes)),
  ]);
}

function shrinking(removals: Change[], owned: Zones['owned'], yes: Consent): Map<string, Hold> {
  const holds = new Map<string, Hold>();
  const ofZone = Map.groupBy(removals, ({ kind, name }) =>
    kind === 'zone' ? name : (zoneOf(hostOf(name), owned.keys()) ?? ''),
  );
  for (const [zone, going] of ofZone) {
    if (yes.names.has(zone)) continue;
    const there = [...(owned.get(zone) ?? [])].filter((name) => !isChallenge(name)).length;
    const whole = going.some(({ kind }) => kind === 'zone');
    // It follows from a pool, and that the pool goes is what a person asked for.
    if (whole && zone.endsWith('.ip6.arpa')) continue;
    const names = going.filter(({ kind }) => kind === 'record').length;
    const kept = whole || tooMany(names, there) ? going : going.filter(({ key }) => yes.held.has(key));
    for (const [key, hold] of held(kept, shrinkHold(zone, whole, names, there))) holds.set(key, hold);
  }
  return holds;
}

/** Whether to ask before `going` of `there` names are removed in one go. */
export function tooMany(going: number, there: number): boolean {
  return going > 0 && (going >= there || (going >= FEW && going > there / 2));
}

/** The site's own answer to a certificate authority, which is there for minutes. */
function isChallenge(name: string): boolean {
  return name.startsWith('_acme-challenge.') && name.endsWith('/TXT');
}

function held(changes: Change[], hold: Hold): Map<string, Hold> {
  return new Map(changes.map(({ key }) => [key, hold]));
}

const DRY_RUN: Hold = {
  id: 'dns-dry-run',
  text: 'the zone is left as it is, because dns.policy is dry-run',
  remedy: 'dns: { policy: sync } in the site file',
};

function upsertOnly(count: number): Hold {
  return {
    id: 'dns-upsert-only',
    text: `what is not wanted any more (${count}) stays, because dns.policy is upsert-only`,
    remedy: 'dns: { policy: sync } in the site file',
  };
}

function shrinkHold(zone: string, whole: boolean, names: number, there: number): Hold {
  const what = whole
    ? `zone ${zone} would go with its ${there} names`
    : `${names} of ${there} names of ${zone} would go`;
  return {
    id: `dns-shrinks ${zone}`,
    text: `${what}; nothing is removed there until a person says so`,
    remedy: `./allod up --remove-names ${zone}, if that is what you want`,
  };
}

function strangerHold(zone: string): Hold {
  return {
    id: `dns-keys ${zone}`,
    text: `${zone} is signed by another key as well, which stays for as long as the parent may know only that one`,
    remedy: `./allod up --remove-keys ${zone}, a day after the registrar has what ./allod dns ds prints and nothing else`,
  };
}
