import type { SecretRef } from '../model/secret.ts';

/** People from the site's directory, by LDAP over TLS with a read-only bind of the service's own. */
export interface DirectoryBindRequest {
  contract: 'directory-bind';
  why: string;
}

export interface DirectoryBindResult {
  /** Name in the certificate and in the pod's aliases. */
  host: string;
  port: 636;
  /** `dc=example,dc=org` */
  base: string;
  /** Where people are: `ou=people,dc=example,dc=org`; objectClass inetOrgPerson, named by `uid`. */
  people: string;
  /** Where groups are; objectClass groupOfNames, named by `cn`. */
  groups: string;
  bind: string;
  password: SecretRef;
  /** PEM of the CA to trust. */
  ca: SecretRef;
}

export function directoryBind(request: Omit<DirectoryBindRequest, 'contract'>): DirectoryBindRequest {
  return { contract: 'directory-bind', ...request };
}
