/** One fault of a person's input: where, what was found, what was expected, what to try. */
export interface Fault {
  /** `site.yaml:12:9`, `--password-stdin`, `port 443`. */
  where: string;
  /** Path inside the document: `services.contacts.host`. */
  path?: string;
  /** One sentence: `expected …; got …; try …`. */
  message: string;
}

/** A person must act: all faults at once, exit code 2, nothing changed. */
export class PersonFault extends Error {
  override name = 'PersonFault';
  readonly faults: Fault[];

  constructor(faults: Fault[] | Fault) {
    const list = Array.isArray(faults) ? faults : [faults];
    super(list.map(formatFault).join('\n'));
    this.faults = list;
  }
}

/** As {@link PersonFault}, but all that could be done was, and only these services have to wait. */
export class PartFault extends PersonFault {
  override name = 'PartFault';
  readonly services: Set<string>;

  constructor(faults: Fault[], services: Set<string>) {
    super(faults);
    this.services = services;
  }
}

/** Something outside is not there or not ready; trying again may help. Retry lives in `reconcile/`. */
export class Transient extends Error {
  override name = 'Transient';
}

/** The store of secrets is sealed: a person opens it. Until then nothing that needs a value is looked at or changed. */
export class Sealed extends Transient {
  override name = 'Sealed';
}

/** As {@link Transient}; meanwhile what is in place goes on to do its work, and nothing has to wait. */
export class Deferred extends Transient {
  override name = 'Deferred';
}

/** A change that waits for a person's yes. All that wait for the same one have the same `id` and message. */
export class HeldBack extends Deferred {
  override name = 'HeldBack';
  readonly id: string;
  /** What a person can do. */
  readonly remedy: string;

  constructor({ id, text, remedy }: { id: string; text: string; remedy: string }) {
    super(text);
    this.id = id;
    this.remedy = remedy;
  }
}

export function formatFault(fault: Fault): string {
  return [fault.where, ...(fault.path ? [` ${fault.path}`] : []), `: ${fault.message}`].join('');
}

/** The text of anything thrown, for a log line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether an error is of a kind that was thought of; any other is a bug. */
export function isExpected(error: unknown): error is PersonFault | Transient {
  return error instanceof PersonFault || error instanceof Transient;
}

/** With the stack, for the log of a bug. */
export function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
