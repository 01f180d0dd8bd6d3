import type { SecretRef } from './secret.ts';

/*
 * What the portal is told, as the file `portal.json` in its pod: data of the site, with references where a secret
 * stands. `render/` puts the values in, so that the portal reads the same shape with strings.
 */

/** `Secret`: a reference in the plan, a string in the portal. */
export interface PortalConfig<Secret = SecretRef> {
  domain: string;
  /** Heading of every page. */
  title: string;
  /** `https://portal.example.org`, without a slash at its end: the issuer (OpenID Connect Discovery 1.0 section 3). */
  issuer: string;
  /** Where it listens, on the loopback of its pod. */
  port: number;
  /** Folder of its database. */
  data: string;
  /** Socket of the daemon. */
  daemon: string;
  directory: DirectoryAccess<Secret>;
  /** Keys that cookies are signed with, newest first; the same one twice where there was none before. */
  cookieKeys: Secret[];
  /** Private JWKs as JSON text (RFC 7517), newest first, likewise. Tokens are signed with the newest that clients had time to see. */
  signingKeys: Secret[];
  clients: SignOnClient<Secret>[];
  /** Hosts whose entry asks the portal who somebody is. */
  gates: Gate[];
  tiles: Tile[];
  /** Services that take app passwords. */
  devices: DeviceService[];
  /** Names of people who may administer. */
  administrators: string[];
}

export interface DirectoryAccess<Secret = SecretRef> {
  host: string;
  port: number;
  base: string;
  people: string;
  groups: string;
  bind: string;
  password: Secret;
  /** Path of the CA's PEM in the pod. */
  ca: string;
}

/** A service that signs people in by OpenID Connect: a confidential client with PKCE. */
export interface SignOnClient<Secret = SecretRef> {
  /** Id of the service, and `client_id`. */
  id: string;
  title: string;
  /** Both are taken, newest first. */
  secrets: Secret[];
  redirectUris: string[];
  postLogoutUris: string[];
  /** Told when somebody signs out everywhere (OpenID Connect Back-Channel Logout 1.0). */
  backchannelLogoutUri?: string;
  /** Groups that may use it; everybody where it is absent. */
  access?: string[];
  /** It runs elsewhere: people are asked once before it learns who they are. */
  elsewhere?: true;
}

/** An app with no sign-on of its own: nginx in its pod asks the portal about every request. */
export interface Gate {
  service: string;
  /** `https://notes.example.org` */
  origin: string;
  access?: string[];
}

/** What people see of a service on their home page. */
export interface Tile {
  service: string;
  title: string;
  /** One sentence without its full stop. */
  description: string;
  url: string;
  /** Path data of a 24 × 24 icon (`d` of an SVG path), one colour. */
  icon: string;
  access?: string[];
}

/** A service that native programs sign in to with app passwords. */
export interface DeviceService {
  service: string;
  title: string;
  /** What a person's programs call it: `CardDAV (contacts)`. */
  protocols: string[];
  /** What is typed into them. */
  server: string;
  access?: string[];
}
