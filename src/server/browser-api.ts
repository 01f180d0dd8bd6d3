import type { AppPassword } from '../model/people.ts';
import type { DeviceService, Tile } from '../model/sign-on.ts';
import type { ServiceState } from '../model/status.ts';
import type { Empty } from './answers.ts';
import type { ElevationOffer, Proof } from './portal-api.ts';

/*
 * What pages in a browser may ask of the portal: POST /api/<verb> with JSON, same origin only. The answer is one line
 * `{"answer": …}` or `{"error": {"kind", "message"}}`; `act` sends the daemon's lines on as they come.
 */
export interface BrowserApi {
  me: { request: Empty; answer: Me };
  saveProfile: { request: { displayName?: string; mail?: string }; answer: Empty };
  /** Ways to sign in. What changes them wants a sign-in of the last minutes. */
  ways: { request: Empty; answer: Ways };
  changePassword: { request: { old?: string; password: string }; answer: Empty };
  /** PublicKeyCredentialCreationOptionsJSON. */
  passkeyOptions: { request: Empty; answer: { options: unknown } };
  /** RegistrationResponseJSON. */
  addPasskey: { request: { label: string; response: unknown }; answer: Empty };
  removePasskey: { request: { id: string }; answer: Empty };
  /** A new secret for an authenticator app (RFC 6238), not in force before a code of it was given. */
  codeSecret: { request: Empty; answer: { secret: string; uri: string } };
  addCode: { request: { code: string }; answer: Empty };
  removeCode: { request: Empty; answer: Empty };
  sessions: { request: Empty; answer: { sessions: SessionView[] } };
  endSession: { request: { id: string }; answer: Empty };
  /** At the services too. */
  signOutEverywhere: { request: Empty; answer: Empty };
  appPasswords: { request: Empty; answer: { passwords: AppPassword[] } };
  addAppPassword: { request: { service: string; label: string }; answer: { id: string; password: string } };
  removeAppPassword: { request: { service: string; id: string }; answer: Empty };
  /** Of administrators, before the first admin verb: how they may prove who they are, and the proof. */
  elevation: { request: Empty; answer: ElevationOffer };
  elevate: { request: { proof: Proof }; answer: { until: number } };
  lower: { request: Empty; answer: Empty };
  /** A verb of the daemon's. */
  act: { request: { verb: string; request: unknown }; answer: unknown };
}

export type BrowserVerb = keyof BrowserApi;

/**
 * `sign-in`: nobody is signed in, or not of late; `proof`: an admin verb wants `elevate` first; the others as the
 * daemon's.
 */
export type BrowserErrorKind = 'sign-in' | 'proof' | 'person' | 'transient' | 'bug';

export interface Me {
  name: string;
  displayName: string;
  mail?: string;
  administrator: boolean;
  /** Until when admin verbs are taken without another proof, ms since 1970. */
  elevated?: number;
  /** Of the site. */
  title: string;
  domain: string;
  /** Those the person may use. */
  tiles: (Tile & { state: ServiceState })[];
  devices: DeviceService[];
}

export interface Ways {
  password: boolean;
  passkeys: { id: string; label: string; created: number; used?: number }[];
  /** Whether an authenticator app gives codes. */
  code: boolean;
}

export interface SessionView {
  id: string;
  /** The one that asks. */
  here: boolean;
  /** `Firefox on Android`, from what the browser said. */
  device: string;
  address: string;
  /** ms since 1970. */
  since: number;
  seen: number;
  /** Titles of services signed in to with it. */
  services: string[];
}
