/** What is the same for every site, and other in a trial or a test. Times in ms. */
export interface Settings {
  /** Folder with what browsers are given, and its `manifest.json`. */
  web: string;
  /** How long a new key is published before it signs: what clients remember of the old set must be over. */
  keyWait: number;
  /** How long a session lives that is not used. */
  sessionLife: number;
  /** How old what is known of somebody may be while a session is used. */
  personAge: number;
  /** How long the last known is believed while the directory is away. */
  personGrace: number;
  /** What changes the ways to sign in wants a sign-in not older than this. */
  recent: number;
  /** An answer to a wrong name or password takes a multiple of this: it tells nothing by how long it takes. */
  answerStep: number;
  log: (text: string) => void;
  now: () => number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const DEFAULTS: Settings = {
  web: '/usr/share/allod/web',
  keyWait: DAY,
  sessionLife: 14 * DAY,
  personAge: MINUTE,
  personGrace: 5 * MINUTE,
  recent: 10 * MINUTE,
  answerStep: 500,
  log: () => {},
  now: Date.now,
};
