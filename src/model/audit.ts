export type AuditAction =
  | 'create'
  | 'read'
  | 'reveal'
  | 'write'
  | 'rotate'
  | 'forget'
  | 'seal'
  | 'unseal'
  | 'unseal-refused'
  | 'new-keys'
  | 'new-opener'
  | 'recovery-kit'
  | 'restore-key'
  /** A verb of an administrator's, written before it is done. */
  | 'act'
  /** An administrator proved who they are, or failed to. */
  | 'elevate'
  | 'elevate-refused';

/** What somebody did: one line of the audit log without what chains it. */
export interface AuditEvent {
  /** `provider dns`, `files contacts/nginx`, `person root`, `person alice by console`. */
  actor: string;
  action: AuditAction;
  path?: string;
  version?: number;
  /** Of an act: `addPerson`. */
  verb?: string;
  /** What it was done to, or by what proof; no secret in it. */
  text?: string;
}

/** A line of the log: JSON, keys in this order. */
export interface AuditEntry extends AuditEvent {
  /** 1, 2, 3 … through all files. */
  seq: number;
  /** ISO 8601, UTC. */
  at: string;
  /** Hex SHA-256 of the line before, without its end; 64 zeros before the first. */
  previous: string;
  /** Hex HMAC-SHA-256 of this line without `mac`. Absent from entries made while the store is sealed. */
  mac?: string;
}

/** What a check of the log found. */
export interface AuditReport {
  entries: number;
  /** Number of the first entry that there is; older files may have been moved away. */
  first: number;
  /** Whether the signatures were checked too, not only sequence and hashes. */
  signed: boolean;
  /** The first thing that is wrong. */
  fault?: { file: string; line: number; text: string };
}
