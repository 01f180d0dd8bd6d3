import type { Refusal } from '../checked.ts';
import { describe } from '../explain.ts';
import { type Findings, type Path, quote } from '../findings.ts';
import { checkDomain } from '../names.ts';
import { findLocated, type Located } from '../tree.ts';
import { checkOwner, ownerFault } from './names.ts';
import { checkType, type RecordType } from './types.ts';
import { checkValue } from './values.ts';

/** A place of the site file. */
export interface At {
  offset: number;
  path: Path;
}

/** An entry of `dns.records` that is sound by itself. */
export interface Entry {
  /** Full, A-label. */
  name: string;
  type: RecordType;
  /** In presentation format, in the order of the file. */
  values: { text: string; at: At }[];
  at: At;
  nameAt: At;
}

/** Reads the entries, says what is wrong with each by itself, and returns those that are sound. */
export function readEntries(root: Located, findings: Findings): Entry[] {
  const written = findLocated(root, ['domain'])?.value;
  const checked = typeof written === 'string' ? checkDomain(written) : undefined;
  if (!checked || 'refused' in checked) return []; // the schema has said so, and names have no meaning without
  const domain = checked.ok;
  return [...(findLocated(root, ['dns', 'records'])?.children ?? [])].flatMap(([i, located]) => {
    const entry = readEntry(located, ['dns', 'records', Number(i)], domain, findings);
    return entry ? [entry] : [];
  });
}

function readEntry(located: Located, path: Path, domain: string, findings: Findings): Entry | undefined {
  const [givenName, givenType] = [located.children.get('name'), located.children.get('type')];
  if (typeof givenName?.value !== 'string' || typeof givenType?.value !== 'string') return undefined;
  const checkedType = checkType(givenType.value);
  if ('refused' in checkedType) return undefined; // the schema has said so
  const type = checkedType.ok;
  const nameAt = { offset: givenName.offset, path: [...path, 'name'] };
  const name = checkOwner(givenName.value, domain);
  const wrong = 'ok' in name ? ownerFault(name.ok, type, domain) : undefined;
  const refused = 'refused' in name ? name.refused : wrong && { expected: wrong[0], hint: wrong[1] };
  if (refused) findings.add({ hint: 'a label such as www', ...nameAt, ...refused, got: describe(givenName) });
  // A value is looked at for itself, whatever the name: all faults at once.
  const place = { name: 'ok' in name ? name.ok : domain, domain };
  const given = valuesOf(located, path);
  const values = given.flatMap(({ value, at }) => {
    const checked = checkValue(type, value, place);
    if ('ok' in checked) return [{ text: checked.ok, at }];
    findings.add({
      hint: `a value such as ${exampleOf(type)}`,
      ...at,
      ...checked.refused,
      got: quote(value),
    });
    return [];
  });
  const isSound = 'ok' in name && !wrong && values.length > 0 && values.length === given.length;
  return isSound ? { name: name.ok, type, values, at: { offset: located.offset, path }, nameAt } : undefined;
}

function valuesOf(located: Located, path: Path): { value: string; at: At }[] {
  const one = located.children.get('value');
  const list = [...(located.children.get('values')?.children ?? [])];
  const all: [Located | undefined, Path][] = [
    [one, [...path, 'value']],
    ...list.map(([j, each]): [Located, Path] => [each, [...path, 'values', Number(j)]]),
  ];
  return all.flatMap(([each, at]) =>
    typeof each?.value === 'string' ? [{ value: each.value, at: { offset: each.offset, path: at } }] : [],
  );
}

/** For faults that know no better one. */
function exampleOf(type: RecordType): string {
  if (type === 'A') return '203.0.113.8';
  return type === 'AAAA' ? '2001:db8::8' : 'one with mail.example.org. as the name';
}

/** A fault of an entry because of another one. */
export type EntryFault = At & Required<Refusal> & { got: string };
