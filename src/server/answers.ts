import type { Change, Kind } from '../model/resource.ts';
import type { Outlook } from '../plan/outlook.ts';

export type Empty = Record<never, never>;

/** What could not be made true, with the reason. `deferred`: what is in place goes on meanwhile. */
export interface RunFault {
  key: string;
  service: string;
  text: string;
  deferred?: true;
}

export interface Planned {
  changes: Change[];
  /** Where the provider changes by it. */
  renumbering?: Outlook;
  /** Kinds that could not be looked at, and why. */
  unknown: Partial<Record<Kind, string>>;
  /** What is allowed and yet worth a word, one sentence each; absent where there is nothing. */
  notices?: string[];
}
