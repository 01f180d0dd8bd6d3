import type { Site } from '../model/site.ts';

/** The entry of a host asks the portal who sends each request. `http-route` asks for it where it has `signIn`. */
export interface ForwardAuthRequest {
  contract: 'forward-auth';
  /** Host that asks. */
  host: string;
  why: string;
}

export function forwardAuth(request: Omit<ForwardAuthRequest, 'contract'>): ForwardAuthRequest {
  return { contract: 'forward-auth', ...request };
}

/** Folder of the catalog whose service signs people in; there is one of it. */
export const PORTAL = 'portal';

/** Host at which people sign in. */
export function signInHost({ services, domain }: Site): string {
  return services.find(({ id }) => id === PORTAL)?.host ?? `${PORTAL}.${domain}`;
}
