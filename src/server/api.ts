import type { Person, Status } from '../model/status.ts';
import type { RunEvent } from '../reconcile/events.ts';

/** The daemon's fixed verb list: what may be said to it on its unix socket, and what it answers. */
export interface Api {
  /**
   * Takes the text of a site file, and the variables its sources are read from; events while it works.
   */
  up: { request: { site: string; environment?: Record<string, string> }; event: RunEvent; answer: UpAnswer };
  /** Answers as soon as the daemon listens, with the version of the code it runs. */
  ping: { request: Empty; event: never; answer: { version: string } };
  /** Ends the daemon and nothing else: the services go on, the next daemon takes over. */
  leave: { request: Empty; event: never; answer: Empty };
  status: { request: Empty; event: never; answer: Status };
  /** Values of the store, in the name of `actor`, which the audit log has. */
  reveal: {
    request: { paths: string[]; actor: string };
    event: never;
    answer: { values: Record<string, string> };
  };
  /** Stops the pods and then the daemon itself. Data stays. */
  down: { request: Empty; event: RunEvent; answer: Empty };
  people: { request: Empty; event: never; answer: { people: Person[] } };
  addPerson: { request: NewPerson; event: never; answer: { password?: string } };
  setPassword: { request: { name: string; password?: string }; event: never; answer: { password?: string } };
  removePerson: { request: { name: string }; event: never; answer: Empty };
}

export type Verb = keyof Api;
export type Empty = Record<never, never>;

export interface UpAnswer {
  status: Status;
  made: number;
  /** What could not be made true, with the reason. */
  faults: { key: string; service: string; text: string }[];
}

export interface NewPerson {
  name: string;
  displayName?: string;
  mail?: string;
  password?: string;
}

/** One line of an answer (newline-delimited JSON). The last one is `answer` or `error`. */
export type Line =
  | { event: unknown }
  | { answer: unknown }
  | { error: { kind: 'person' | 'transient' | 'bug'; message: string } };
