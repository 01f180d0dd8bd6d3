import { inspect } from 'node:util';

/** A value of the store. However it is printed, it prints as its name; only `reveal` gives the value. */
export class Secret {
  readonly path: string;
  readonly version: number;
  readonly #value: string;

  constructor(path: string, version: number, value: string) {
    this.path = path;
    this.version = version;
    this.#value = value;
  }

  /** For `render/` and providers only; never for a log, an argument list or an environment. */
  reveal(): string {
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
