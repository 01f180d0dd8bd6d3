import type { NetworkMemory, OutsideActs, Phase } from '../model/uplinks.ts';
import { dueAt, nameOf, type PhaseFacts } from './renumbering.ts';
import { shortTtl } from './uplinks.ts';

/** Seconds within which a change of addresses is made on this machine and served by its name server; with room. */
const MAKING = 30;

/** A change of provider as a person is told of it, before it begins and while it goes on. */
export interface Outlook {
  from: string;
  to: string;
  steps: Step[];
  /** Whether it has begun. */
  begun: boolean;
  /** Seconds for which somebody may reach nothing: while both lines work, and if the old one is cut now. */
  unreachable: { overlap: number; cut: number };
  /** What the last number is made of. */
  because: string;
  outside: OutsideActs;
}

export interface Step {
  phase: Phase | 'drop';
  text: string;
  state: 'done' | 'now' | 'next';
  /** Least seconds it takes. */
  seconds: number;
  /** When it may end, ms since 1970, where that is known. */
  ends?: number;
}

export interface OutlookFacts extends Pick<PhaseFacts, 'now' | 'ttl' | 'outside'> {
  begun: boolean;
}

/** Undefined where no provider changes. */
export function outlookOf(
  memory: NetworkMemory,
  { now, ttl: usual, outside, begun }: OutlookFacts,
): Outlook | undefined {
  const { inForce, renumbering } = memory;
  if (!renumbering) return undefined;
  const short = shortTtl(usual);
  const ttl = Math.max(usual, Math.ceil(((memory.ttl?.until ?? 0) - now) / 1000));
  const { phase } = renumbering;
  const texts: [Step['phase'], number, string][] = [
    ['prepare', ttl, 'the new addresses answer beside the old ones; what resolvers remember gets short'],
    ['both', Math.max(short, outside.remembered), 'both are in the DNS; waits for what is done outside'],
    ['withdraw', short, 'the new ones alone are in the DNS; the old ones answer who remembers them'],
    ['drop', 0, 'the old ones go'],
  ];
  const at = texts.findIndex(([name]) => name === phase);
  const ends = dueAt(memory, { ttl: usual, outside });
  const steps = texts.map(([name, seconds, text], i): Step => {
    const state = i < at ? 'done' : i === at && begun ? 'now' : 'next';
    return {
      phase: name,
      text,
      state,
      seconds,
      ...(state === 'now' && Number.isFinite(ends) ? { ends } : {}),
    };
  });
  // What was published with the usual time to live is remembered for that long, until the first phase is over.
  const names = phase === 'prepare' ? ttl : short;
  const longest = Math.max(names, outside.remembered);
  return {
    ...{ from: nameOf(inForce), to: nameOf(renumbering.to), steps, begun, outside },
    unreachable: { overlap: 0, cut: longest + MAKING },
    because: `resolvers remember an address for ${names} s, the name server's at the parent for ${outside.remembered} s, making the change takes ${MAKING} s at most`,
  };
}
