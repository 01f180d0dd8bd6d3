import type { SecretRef } from '../model/secret.ts';

/** A PostgreSQL database of the service's own, through a pooler in its pod. */
export interface DatabaseRequest {
  contract: 'database';
  /** Database name, `[a-z][a-z0-9_]*`. */
  name: string;
  /** `session` for apps that keep state in a session; `transaction` unless given. */
  pooling?: 'transaction' | 'session';
  why: string;
}

/** Where the app connects: the pooler on the pod's loopback, with a login that never changes. */
export interface DatabaseResult {
  host: '127.0.0.1';
  port: number;
  database: string;
  user: string;
  password: SecretRef;
}

export function database(request: Omit<DatabaseRequest, 'contract'>): DatabaseRequest {
  return { contract: 'database', ...request };
}
