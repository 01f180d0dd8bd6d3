import { type Fault, PersonFault } from '../util/errors.ts';
import { positionAt, type Source } from './source.ts';

/** Keys and list positions from the root. */
export type Path = readonly PropertyKey[];

/** A fault at a place of the text. */
export interface Finding {
  offset: number;
  path: Path;
  expected: string;
  got: string;
  hint?: string | undefined;
  /** One of several places in a long text: there may be others at its path. */
  inside?: boolean;
}

/** Faults shown of one file; the rest is counted. */
const SHOWN = 100;

/** Gathers the faults of one file; the first one at a path is kept. */
export class Findings {
  readonly #list: Finding[] = [];
  readonly #paths = new Set<string>();
  #left = 0;

  get any(): boolean {
    return this.#list.length > 0;
  }

  add(finding: Finding): void {
    const path = formatPath(finding.path);
    // a fault of the whole document has no path, and there may be several
    if (path !== '' && !finding.inside && this.#paths.has(path)) return;
    if (this.#list.length >= SHOWN) {
      this.#left++;
      return;
    }
    this.#paths.add(path);
    this.#list.push(finding);
  }

  /** All faults in the order of the text. */
  toFault(source: Source): PersonFault {
    const faults = this.#list
      .sort((a, b) => a.offset - b.offset)
      .map((finding): Fault => {
        const { line, column } = positionAt(source, finding.offset);
        const path = formatPath(finding.path);
        const parts = [`expected ${finding.expected}`, `got ${finding.got}`];
        if (finding.hint?.startsWith('did you mean ')) parts.push(finding.hint);
        else if (finding.hint !== undefined) parts.push(`try ${finding.hint}`);
        return {
          where: `${source.name}:${line}:${column}`,
          ...(path === '' ? {} : { path }),
          message: parts.join('; '),
        };
      });
    if (this.#left > 0) faults.push({ where: source.name, message: `and ${this.#left} more faults` });
    return new PersonFault(faults);
  }
}

/** `services.contacts.aliases[1]`; keys that are no plain words stand in quotes. */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^\w[\w-]{0,63}$/.test(String(part))) text += `${text === '' ? '' : '.'}${String(part)}`;
    else text += `[${quote(String(part))}]`;
  }
  return text;
}

/** A text as a person may see it: quoted, short, nothing that steers a terminal. */
export function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return JSON.stringify(short).replace(
    /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
