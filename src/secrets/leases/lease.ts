import type { LoginTimes } from '../../model/site.ts';

/**
 * The life of a login, in this order. The state names what was done last, so a run that was killed goes on
 * with the next step; a step may be done twice.
 */
export const STATES = [
  'minted', // written down; the server may or may not have it
  'verified', // a real login worked
  'current', // the store gives it to whoever asks
  'draining', // its successor is in use; sessions that work may go on
  'locked', // the server lets nobody in with it
  'ended', // no session is left
  'dropped', // gone, if the server says so once more
] as const;

export type LeaseState = (typeof STATES)[number];

export interface Lease {
  /** Service it was made for. */
  service: string;
  role: string;
  state: LeaseState;
  /** ms since 1970. */
  minted: number;
  /** When it came to its state. */
  since: number;
  /** The server refuses the login after this. */
  expires: number;
  /** The consumer was seen to use it. */
  proved: boolean;
}

/**
 * When the next login is due, ms since 1970: up to a tenth of the period early, so that services take turns, and well
 * before this one ends, whatever period it was made for.
 */
export function dueAt({ service, minted, expires }: Lease, { period }: LoginTimes): number {
  const turn = minted + period * 1000 * (1 - 0.1 * shareOf(service));
  return Math.min(turn, minted + ((expires - minted) * 2) / 3);
}

/** From 0 up to 1, the same for the same service. */
function shareOf(service: string): number {
  let sum = 0;
  for (const byte of Buffer.from(service)) sum = (sum * 31 + byte) % 1009;
  return sum / 1009;
}

/** Logins one service may be given in an hour: four times what the period asks for, and some for bad days. */
export function budgetOf({ period }: LoginTimes): number {
  return Math.ceil(4 * (3600 / period)) + 12;
}
