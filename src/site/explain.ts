import type { ZodType, z } from 'zod';
import { type Findings, type Path, quote } from './findings.ts';
import { nearest } from './nearest.ts';
import { commonKeys, exampleOf, isOptional, keysOf, schemaAt } from './schema.ts';
import { findLocated, type Located } from './tree.ts';

/** Where the issues of one schema belong. */
export interface Scope {
  root: Located;
  schema: ZodType;
  /** Path of the value the schema was given. */
  at: Path;
  findings: Findings;
}

/** Adds zod's issues as faults at the place of the key or value they are about. */
export function explain(scope: Scope, issues: readonly z.core.$ZodIssue[]): void {
  for (const issue of issues) explainIssue(scope, issue, issue.path);
}

function explainIssue(scope: Scope, issue: z.core.$ZodIssue, path: Path): void {
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) explainUnknownKey(scope, [...path, key]);
    return;
  }
  if (issue.code === 'invalid_key') {
    const key = String(path.at(-1));
    const expected = issue.issues[0]?.message ?? 'another key';
    addAtKey(scope, path, expected, keyHint(key));
    return;
  }
  if (issue.code === 'invalid_union') {
    // the one alternative of the right type knows better what is wrong inside
    const inside = issue.errors.filter((branch) =>
      branch.every((each) => each.path.length > 0 || each.code === 'unrecognized_keys'),
    );
    if (inside.length === 1) {
      for (const each of inside[0] ?? []) explainIssue(scope, each, [...path, ...each.path]);
      return;
    }
  }
  const located = findLocated(scope.root, [...scope.at, ...path]);
  if (!located) explainMissing(scope, issue, path);
  else
    scope.findings.add({
      offset: located.offset,
      path: [...scope.at, ...path],
      expected: issue.message,
      got: describe(located),
      hint: hintFor(scope, issue, located, path),
    });
}

function explainUnknownKey(scope: Scope, path: Path): void {
  const key = String(path.at(-1));
  const known = keysOf(schemaAt(scope.schema, path.slice(0, -1)));
  const service = scope.at.length === 2 && path.length === 1;
  if (service) known.push(...Object.keys(commonKeys));
  const like = nearest(key, known);
  const hint = like
    ? quote(like)
    : known.length > 0
      ? `one of ${known.slice(0, 12).join(', ')}`
      : 'removing it';
  addAtKey(scope, path, 'a key this version knows', hint);
}

function addAtKey(scope: Scope, path: Path, expected: string, hint: string): void {
  const full = [...scope.at, ...path];
  const located = findLocated(scope.root, full);
  const offset = located?.key ?? located?.offset ?? 0;
  scope.findings.add({ offset, path: full, expected, got: quote(String(path.at(-1))), hint });
}

function explainMissing(scope: Scope, issue: z.core.$ZodIssue, path: Path): void {
  const full = [...scope.at, ...path];
  let depth = full.length - 1;
  let parent = findLocated(scope.root, full.slice(0, depth));
  while (!parent && depth > 0) parent = findLocated(scope.root, full.slice(0, --depth));
  const example = exampleOf(schemaAt(scope.schema, path));
  const key = String(full.at(-1));
  const hint = `adding ${quote(example === undefined ? `${key}:` : `${key}: ${example}`)}`;
  scope.findings.add({
    offset: parent?.key ?? parent?.offset ?? 0,
    path: full,
    expected: issue.message,
    got: 'nothing',
    hint,
  });
}

/** A value as faults show it. */
export function describe(located: Located): string {
  const { value, plain } = located;
  if (value === null) return 'nothing';
  if (value === undefined) return 'a value that cannot be read';
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty map' : 'a map';
  return `the ${typeof value === 'boolean' ? 'truth value' : 'number'} ${(plain ?? String(value)).slice(0, 60)}`;
}

function hintFor(scope: Scope, issue: z.core.$ZodIssue, located: Located, path: Path): string {
  const schema = schemaAt(scope.schema, path);
  const params = issue.code === 'custom' ? issue.params : undefined;
  if (typeof params?.hint === 'string') return params.hint;
  return hintFromIssue(issue, located) ?? hintFromSchema(schema, located.value);
}

function hintFromIssue(issue: z.core.$ZodIssue, { value, plain }: Located): string | undefined {
  if (issue.code === 'invalid_value') {
    const words = issue.values.map(String);
    const same = words.find((word) => word === value);
    return same === undefined ? (nearest(String(value), words) ?? words[0]) : `${same} without quotes`;
  }
  if (
    (issue.code === 'too_small' || issue.code === 'too_big') &&
    typeof value === 'number' &&
    issue.inclusive
  )
    return String(issue.code === 'too_small' ? issue.minimum : issue.maximum);
  if (issue.code !== 'invalid_type' || value === null) return undefined;
  const wanted = issue.expected;
  if (wanted === 'string' && plain !== undefined) return `quotes: ${JSON.stringify(plain)}`;
  if (wanted === 'int' && typeof value === 'number') return String(Math.round(value));
  if (wanted === 'array' && (typeof value === 'string' || typeof value === 'number'))
    return `[${shorten(value)}]`;
  if (
    /^(number|int|boolean)$/.test(wanted) &&
    typeof value === 'string' &&
    /^(-?\d+(\.\d+)?|true|false)$/.test(value)
  )
    return `${shorten(value)} without quotes`;
  if (/^(object|record)$/.test(wanted) && Array.isArray(value))
    return '"key: value" lines in place of "- value"';
  return undefined;
}

function hintFromSchema(schema: ZodType | undefined, value: unknown): string {
  if (typeof value === 'string' && value.length < 100) {
    const plainer = value.trim().toLowerCase();
    if (plainer !== value && schema?.safeParse(plainer).success) return plainer;
  }
  const example = exampleOf(schema);
  if (example !== undefined) return `a value such as ${example}`;
  const keys = keysOf(schema);
  if (keys.length > 0) return `"key: value" lines; the keys are ${keys.slice(0, 12).join(', ')}`;
  return isOptional(schema) ? 'removing it, for the default' : 'another value';
}

function shorten(value: string | number): string {
  return String(value).slice(0, 60);
}

function keyHint(key: string): string {
  const name = key
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 63);
  if (key.length > 63) return 'a shorter one';
  return name === '' || name === key ? 'another name' : quote(name);
}
