import type { AuditEntry, AuditReport } from '../model/audit.ts';
import type { LeaseView } from '../model/lease.ts';
import type { Delegation, RecordView } from '../model/names.ts';
import type { SecretView, StoreLock } from '../model/secret-store.ts';
import type { Status } from '../model/status.ts';
import type { Outlook } from '../plan/outlook.ts';
import type { RunEvent } from '../reconcile/events.ts';
import type { Empty, Planned, RunFault } from './answers.ts';
import type { ConsoleApi } from './console-api.ts';
import type { MadeLink, PeopleApi } from './people-api.ts';

export type { Empty, Planned } from './answers.ts';

/** The daemon's fixed verb list: what may be said to it on its unix socket, and what it answers. */
export interface Api extends PeopleApi, ConsoleApi {
  /** Takes the text of a site file, and the variables its sources are read from; events while it works. */
  up: { request: UpRequest; event: RunEvent; answer: UpAnswer };
  /** What `up` would change. Changes nothing. */
  plan: { request: { site: string }; event: never; answer: Planned };
  /** The change of provider under way, if one is; `go-on`: without waiting for the outside; `cut`: the old one goes now. */
  renumber: {
    request: { action: 'show' | 'go-on' | 'cut' };
    event: RunEvent;
    answer: { renumbering?: Outlook; faults: UpAnswer['faults'] };
  };
  /** Answers as soon as the daemon listens, with the version of the code it runs. */
  ping: { request: Empty; event: never; answer: { version: string } };
  /** Ends the daemon and nothing else: the services go on, the next daemon takes over. */
  leave: { request: Empty; event: never; answer: Empty };
  status: { request: Empty; event: never; answer: Status };
  /** Values of the store, in the name of `actor`, which the audit log has. */
  reveal: {
    request: { paths: string[]; actor: string };
    event: never;
    answer: { values: Record<string, string> };
  };
  /** Stops the pods and then the daemon itself. Data stays. */
  down: { request: Empty; event: RunEvent; answer: Empty };
  /** By what the daemon knows an administrator besides the password. */
  proofs: {
    request: { name: string };
    event: never;
    answer: { passkeys: { id: string; label: string }[]; code: boolean };
  };
  /** Forgets them all, and ends every right that was had by them. */
  removeProofs: { request: { name: string }; event: never; answer: { removed: number } };
  /** How the store of secrets is opened, and whether it is. */
  lock: { request: Empty; event: never; answer: StoreLock };
  unseal: { request: { passphrase?: string }; event: never; answer: Empty };
  seal: { request: Empty; event: never; answer: Empty };
  /** All, or the one of a path. */
  secrets: { request: { path?: string }; event: never; answer: { secrets: SecretView[] } };
  revealSecret: { request: { path: string }; event: never; answer: { value: string } };
  /** One path, or all. Returns when everything has taken the new values in. */
  rotateSecrets: { request: { path?: string }; event: RunEvent; answer: RotateAnswer };
  /** New root and data keys. */
  renewKeys: { request: Empty; event: never; answer: Empty };
  recoveryKit: { request: Empty; event: never; answer: { text: string } };
  restoreKey: { request: { groups: string; passphrase?: string }; event: never; answer: Empty };
  /** Database logins, those on their way out too. */
  leases: { request: Empty; event: never; answer: { leases: LeaseView[] } };
  /** What the parents of the zones need. */
  delegations: { request: Empty; event: never; answer: { zones: Delegation[] } };
  /** What the zones have and should have. */
  records: { request: Empty; event: never; answer: { records: RecordView[] } };
  audit: { request: { limit: number }; event: never; answer: { entries: AuditEntry[] } };
  verifyAudit: { request: Empty; event: never; answer: AuditReport };
}

/** Those about the store alone. Most of them a command can do itself where no daemon runs. */
export type SecretVerb =
  | 'lock'
  | 'unseal'
  | 'seal'
  | 'secrets'
  | 'revealSecret'
  | 'renewKeys'
  | 'recoveryKit'
  | 'restoreKey'
  | 'audit'
  | 'verifyAudit';

/** Those about the zones. */
export type NameVerb = 'delegations' | 'records';

export type Verb = keyof Api;

export interface UpRequest {
  site: string;
  /** Where the text stands on this machine, absolute and without symbolic links. */
  path?: string;
  /** Variables of the shell of `up`, by name. */
  environment?: Record<string, string>;
  passphrase?: string;
  /** Zones that may lose many names in this run, and zones whose keys may go that are not of the store. */
  removeNames?: string[];
  removeKeys?: string[];
}

export interface UpAnswer {
  status: Status;
  made: number;
  faults: RunFault[];
  /** Invitations made by it, for administrators without an account. */
  links: MadeLink[];
  /** As of a plan. */
  notices?: string[];
  /** URL of people's home page, where the site has one. */
  portal?: string;
}

export interface RotateAnswer {
  /** What got a new value: a path, `login <service>`, `certificate <name>`. */
  rotated: string[];
  kept: { path: string; why: string }[];
  faults: UpAnswer['faults'];
}

/** One line of an answer (newline-delimited JSON). The last one is `answer` or `error`. */
export type Line =
  | { event: unknown }
  | { answer: unknown }
  | { error: { kind: 'person' | 'transient' | 'bug'; message: string } };
