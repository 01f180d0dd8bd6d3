import { inspect } from 'node:util';
import type { Revealed } from './revealed.ts';

/** A value of the store. However it is printed, it prints as its name; only `reveal` gives the value. */
export class Secret {
  readonly path: string;
  readonly version: number;
  readonly #value: string;
  readonly #note: Revealed['note'];

  /** `note` hears of it when the value is revealed. */
  constructor(path: string, version: number, value: string, note: Revealed['note'] = () => {}) {
    this.path = path;
    this.version = version;
    this.#value = value;
    this.#note = note;
  }

  /** For `render/` and providers only; never for a log, an argument list or an environment. */
  reveal(): string {
    this.#note(this.path, this.version, this.#value);
    return this.#value;
  }

  toString(): string {
    return `[secret ${this.path}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
