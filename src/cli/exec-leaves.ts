import { type Fault, PersonFault } from '../util/errors.ts';

/** A value that is asked for: `pointer` is a JSON pointer (RFC 6901), `` the whole of a JSON text. */
export interface Wish {
  name: string;
  path: string;
  pointer?: string;
}

/**
 * Variables for what is asked: a value as it is; of JSON a text, number or truth as text, `null` as `null`,
 * and for a map or a list one variable a leaf, `NAME_KEY_0`, keys in capitals. Throws every fault at once.
 */
export function leavesOf(wishes: Wish[], held: Record<string, string>): Map<string, string> {
  const variables = new Map<string, string>();
  const faults: Fault[] = [];
  for (const { name, path, pointer } of wishes) {
    const where = `--secret ${name}`;
    const value = held[path] ?? '';
    for (const [variable, text] of pointer === undefined
      ? [[name, value] as const]
      : pick(value, pointer, name, where, faults)) {
      if (text.includes('\0'))
        faults.push({
          where,
          message: 'expected a value that a variable can hold; got one with a zero byte',
        });
      if (variables.has(variable))
        faults.push({
          where,
          message: `expected each variable once; got ${variable} again; try another name`,
        });
      variables.set(variable, text);
    }
  }
  if (faults.length > 0) throw new PersonFault(faults);
  return variables;
}

function pick(
  text: string,
  pointer: string,
  name: string,
  where: string,
  faults: Fault[],
): (readonly [string, string])[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    faults.push({
      where,
      message: 'expected JSON, as a pointer is given; got other text; try the path without "#"',
    });
    return [];
  }
  const found = at(data, pointer);
  if (found !== undefined) return flatten(found, name);
  faults.push({ where, message: `expected a value at ${pointer}; got none; try "#" alone, for all of it` });
  return [];
}

function at(data: unknown, pointer: string): unknown {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  let here = data;
  for (const key of keys) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}

function flatten(data: unknown, name: string): (readonly [string, string])[] {
  if (typeof data !== 'object' || data === null) return [[name, String(data)]];
  return Object.entries(data).flatMap(([key, value]) =>
    flatten(value, `${name}_${key.toUpperCase().replace(/[^A-Z0-9_]/g, '_')}`),
  );
}
