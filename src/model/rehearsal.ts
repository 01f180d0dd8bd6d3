/** What a rehearsal of a change of provider is to be about. */
export interface RehearsalRequest {
  /** The new prefix and IPv4 address, canonical; from the site file, or from documentation space, unless given. */
  pool?: string;
  address?: string;
  /** The old line goes before the new addresses are there. */
  cut: boolean;
}

/** A request that a client made while the provider changed, over whichever of the addresses answered first. */
export interface Tried {
  /** `contacts.example.org 443/tcp`. */
  target: string;
  /** When it began, ms since 1970, and how long it took, ms. */
  at: number;
  ms: number;
  /** Every address that its name had then. */
  resolved: string[];
  /** Why no address answered. */
  error?: string;
  /** SHA-256 of the certificate that was shown. */
  certificate?: string;
  /** Status and SHA-256 of what was sent back. */
  content?: string;
}

/** Something that stands for a while, up to the next one. */
export interface Stage {
  /** `before`, a phase of the change, `cut`, or `after`. */
  name: string;
  /** ms since 1970. */
  from: number;
}

export interface RehearsalReport {
  from: string;
  to: string;
  cut: boolean;
  stages: { name: string; seconds: number; requests: number; failed: number }[];
  /** `error`: of the first request that failed. */
  targets: { name: string; requests: number; failed: number; outage: number | null; error?: string }[];
  /** Longest time, seconds, in which a target did not answer; null where it never did again. */
  outage: number | null;
  /** What was foreseen for it, seconds. */
  bound: number;
  /** Targets that showed another certificate or another page than before. */
  changed: string[];
  /** Containers that were started or started again. */
  restarted: string[];
  /** Where the old addresses still are. */
  leftovers: string[];
  ok: boolean;
}
