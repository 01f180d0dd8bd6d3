import type { SecretRef } from './secret.ts';
import { secretRef } from './secret.ts';
import type { LoginTimes } from './site.ts';

/** Spec of a resource of kind `database`: one owner per consumer, some databases, a login that changes. */
export interface DatabaseSpec {
  /** Role that owns all, without login. */
  owner: string;
  databases: string[];
  login: LoginRefs;
  times: LoginTimes;
}

/** The login in force. Both values are written together. */
export interface LoginRefs {
  role: SecretRef;
  password: SecretRef;
}

/** Where the store keeps a service's login. */
export function loginRefs(service: string): LoginRefs {
  return { role: secretRef(`logins/${service}/role`), password: secretRef(`logins/${service}/password`) };
}
