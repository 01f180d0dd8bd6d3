/**
 * Native programs of people sign in with a password of their own for each device, never the main one. The service finds
 * each as an entry of the directory, of objectClass `device` with `owner`: it searches with its directory bind, and
 * checks the password by a bind as that entry. The first four signs of the password are the entry's `cn`.
 */
export interface AppPasswordsRequest {
  contract: 'app-passwords';
  /** For people: what their programs call it, `CardDAV (contacts)`. */
  protocols: [string, ...string[]];
  why: string;
}

export interface AppPasswordsResult {
  /** `ou=contacts,ou=apps,dc=example,dc=org`; below it `cn=<first four signs>+uid=<name>`. */
  base: string;
}

export function appPasswords(request: Omit<AppPasswordsRequest, 'contract'>): AppPasswordsRequest {
  return { contract: 'app-passwords', ...request };
}
