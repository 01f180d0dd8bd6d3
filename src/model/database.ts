import type { SecretRef } from './secret.ts';

/** Spec of a resource of kind `database`: one owner per consumer, one login, some databases. */
export interface DatabaseSpec {
  /** Role that owns all, without login. */
  owner: string;
  /** Role that logs in: a member of the owner that acts as the owner and has no grants of its own. */
  login: string;
  password: SecretRef;
  databases: string[];
}
