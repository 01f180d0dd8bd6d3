import type { SiteNetwork } from '../model/site.ts';
import type { NetworkMemory, OutsideActs, Renumbering } from '../model/uplinks.ts';
import { PersonFault } from '../util/errors.ts';
import { shortTtl } from './uplinks.ts';

/**
 * What the site file makes of the networks that are remembered: a change of provider begins where it names another one,
 * and is turned round where it names the old one again.
 * @throws PersonFault where it names a third one.
 */
export function foresee(wanted: SiteNetwork, memory: NetworkMemory | undefined): NetworkMemory {
  if (!memory) return { inForce: wanted };
  const { inForce, renumbering } = memory;
  if (!renumbering)
    return isSame(wanted, inForce)
      ? { ...memory, inForce: wanted }
      : { ...memory, renumbering: { to: wanted, phase: 'prepare' } };
  if (isSame(wanted, renumbering.to)) return { ...memory, renumbering: { ...renumbering, to: wanted } };
  if (isSame(wanted, inForce)) return turnedRound(wanted, memory, renumbering);
  throw new PersonFault({
    where: 'site.yaml',
    path: 'network',
    message: `expected the network that a change is under way to (${nameOf(renumbering.to)}), or the one before it; got a third; try ./allod renumber, to see what it waits for`,
  });
}

/** What nobody was told of goes at once; what somebody may remember answers for a while. */
function turnedRound(wanted: SiteNetwork, memory: NetworkMemory, { to, phase }: Renumbering): NetworkMemory {
  if (phase === 'prepare') return over(memory, wanted);
  const back = phase === 'both' ? 'withdraw' : 'both';
  return { ...memory, inForce: to, renumbering: { to: wanted, phase: back } };
}

/** A change has come to its end. */
export function over({ renumbering: _, ...memory }: NetworkMemory, inForce: SiteNetwork): NetworkMemory {
  return { ...memory, inForce };
}

/** Keeps in mind how long an address may be known that was asked for under an earlier `dns.ttl`. `now`: ms since 1970. */
export function noteTtl(memory: NetworkMemory, ttl: number, now: number): NetworkMemory {
  const before = memory.ttl;
  if (before?.seconds === ttl) return memory;
  const until = before ? Math.max(before.until, now + before.seconds * 1000) : 0;
  return { ...memory, ttl: { seconds: ttl, until } };
}

export interface PhaseFacts {
  /** ms since 1970. */
  now: number;
  /** Seconds that resolvers may remember an address outside of a change. */
  ttl: number;
  /** Whether everything that is wanted now is in force. */
  made: boolean;
  outside: OutsideActs;
}

/** The next phase where its time has come; one at a time, because each has to be in force before its time counts. */
export function advance(memory: NetworkMemory, facts: PhaseFacts): NetworkMemory {
  const { renumbering } = memory;
  if (!renumbering) return memory;
  const { to, phase, settled } = renumbering;
  const { now, made, outside } = facts;
  if (!made) return memory;
  if (settled === undefined) return { ...memory, renumbering: { ...renumbering, settled: now } };
  if (phase === 'both' && renumbering.clear === undefined) {
    if (outside.acts.some(({ state }) => state !== 'done')) return memory;
    return { ...memory, renumbering: { ...renumbering, clear: now } };
  }
  if (now < dueAt(memory, facts)) return memory;
  if (phase === 'withdraw') return over(memory, to);
  return { ...memory, renumbering: { to, phase: phase === 'prepare' ? 'both' : 'withdraw' } };
}

/** When a phase that is in force may end, ms since 1970; Infinity while it waits for somebody, or where there is none. */
export function dueAt(
  { renumbering, ttl: earlier }: NetworkMemory,
  { ttl, outside }: Pick<PhaseFacts, 'ttl' | 'outside'>,
): number {
  if (!renumbering) return Infinity;
  const { phase, settled = Infinity, clear = Infinity } = renumbering;
  const short = shortTtl(ttl) * 1000;
  switch (phase) {
    // Who asked just before the change remembers for as long as was usual then.
    case 'prepare':
      return Math.max(settled + ttl * 1000, earlier?.until ?? 0);
    case 'both':
      return Math.max(settled + short, clear + outside.remembered * 1000);
    case 'withdraw':
      return settled + short;
  }
}

/** The same addresses; by which router they are reached plays no part. */
export function isSame(a: SiteNetwork, b: SiteNetwork): boolean {
  return nameOf(a) === nameOf(b);
}

/** `2001:db8:a:10::/64 and 203.0.113.7`. */
export function nameOf({ ipv6, ipv4: { address, listen } }: SiteNetwork): string {
  const over4 = address === listen ? address : `${address} (${listen})`;
  return ipv6 ? `${ipv6.pool} and ${over4}` : over4;
}
