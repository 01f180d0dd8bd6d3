import type { Ds } from './wanted.ts';

/** What was answered outside, for each zone and pointer that was asked for. */
export interface SeenNames {
  zones: SeenZone[];
  pointers: SeenPointer[];
}

export interface SeenZone {
  name: string;
  /** The zone that delegates it, `''` for the root. Absent where that could not be found out; `failure` says why. */
  parent?: string;
  failure?: string;
  /** By name. */
  servers: ParentServer[];
}

/** What one name server of the zone above says. */
export interface ParentServer {
  name: string;
  /** Why nothing is known of it; the rest is then empty. */
  failure?: string;
  /** It answers, but does not have the zone above (lame). */
  lame: boolean;
  /** Names of the zone's servers; empty where it is not delegated. */
  ns: string[];
  glue: { name: string; address: string }[];
  ds: Ds[];
  /** The longest of all records, seconds. */
  ttl: number;
  /** What it was asked and answered, a line each, by the type of the question. */
  evidence: { ns: string[]; ds: string[] };
}

export interface SeenPointer {
  address: string;
  /** What the address is called; absent where that could not be found out. */
  names?: string[];
  /** Addresses of the wanted name, of the same family; absent likewise. */
  back?: string[];
  /** Why something is absent. */
  failures: string[];
  /** Seconds that the resolver remembers the names; what is left of them where it had asked before. */
  ttl: number;
  evidence: string[];
}
