import { normalize } from 'node:path';
import { certificateRefs, siteCa } from '../model/certificate.ts';
import type { Site } from '../model/site.ts';
import { sourceRef } from '../model/source.ts';
import { readTemplate } from '../model/template.ts';
import { type Findings, type Path, quote } from './findings.ts';
import { nearest } from './nearest.ts';
import type { Outside } from './outside.ts';
import type { Source } from './source.ts';
import { findLocated, type Located } from './tree.ts';

/** Where faults of files are looked for and told. */
export interface Scope {
  root: Located;
  source: Source;
  findings: Findings;
}

const SOURCES = 'sources/';

/** Keys of a file that hold templates. */
const CONTENTS = ['content', 'json', 'yaml', 'ini'];

/** What can be told of the files of a site file, however wrong the rest of it is. */
export function checkFiles(scope: Scope, outside: Outside): void {
  const sources = findLocated(scope.root, ['secrets', 'sources'])?.children.keys() ?? [];
  refuseMalformed(scope);
  refuseTwoWriters(scope);
  refuseUnknown(scope, new Set([...sources].map((name) => sourceRef(name).secret)), (path) =>
    path.startsWith(SOURCES),
  );
  for (const [i, entry] of entriesOf(scope.root)) checkMachine(entry, Number(i), scope.findings, outside);
}

/** And what can be told once the site is known: references to what the store will not hold. */
export function checkReferences(scope: Scope, site: Site, outside: Outside): void {
  refuseUnknown(scope, knownPaths(site, outside), (path) => !path.startsWith(SOURCES));
}

/** Refuses text that looks like a reference to the store and is none. */
function refuseMalformed({ root, source, findings }: Scope): void {
  for (const { located, path } of templates(root))
    for (const { at, got, hint } of readTemplate(String(located.value)).malformed)
      findings.add({
        ...{ offset: placeOf(located, source, at), path, inside: true },
        ...{ expected: `references of the form \${secret:PATH}`, got: quote(got), hint },
      });
}

/** Refuses a path that two entries write. */
function refuseTwoWriters({ root, findings }: Scope): void {
  const first = new Map<string, string>();
  for (const [i, entry] of entriesOf(root)) {
    const located = entry.children.get('path');
    if (typeof located?.value !== 'string') continue;
    const path = normalize(located.value);
    const other = first.get(path);
    if (other === undefined) first.set(path, i);
    else
      findings.add({
        offset: located.offset,
        path: ['secrets', 'files', Number(i), 'path'],
        expected: 'each path once, as one writer would undo the other',
        got: `${quote(located.value)} again, first in secrets.files[${other}]`,
        hint: 'removing one of the two',
      });
  }
}

/** Refuses references, of those that `concerns` is true for, to what is not known. */
function refuseUnknown(
  { root, source, findings }: Scope,
  known: Set<string>,
  concerns: (path: string) => boolean,
): void {
  for (const { located, path } of templates(root))
    for (const piece of readTemplate(String(located.value)).pieces) {
      if (!('secret' in piece) || !concerns(piece.secret) || known.has(piece.secret)) continue;
      const hint =
        nearest(piece.secret, known) ?? `sources/NAME with NAME under secrets.sources, or ${siteCa.secret}`;
      findings.add({
        ...{ offset: placeOf(located, source, piece.at), path, inside: true },
        ...{ expected: 'a path that the store has for this site', got: quote(piece.secret), hint },
      });
    }
}

/** What a person may refer to: sources, certificates of the site's hosts, the root they are signed by. */
function knownPaths(site: Site, { certificates }: Outside): Set<string> {
  const names = certificates?.(site) ?? site.services.map((service) => service.host);
  const refs = names.flatMap((name) => {
    const { chain, key } = certificateRefs(name);
    return [chain, key];
  });
  const sources = site.secrets.sources.map((source) => sourceRef(source.name));
  return new Set([...sources, ...refs, siteCa].map((ref) => ref.secret));
}

function checkMachine(entry: Located, i: number, findings: Findings, outside: Outside): void {
  function at(key: string): { offset: number; path: Path } {
    return { offset: entry.children.get(key)?.offset ?? entry.offset, path: ['secrets', 'files', i, key] };
  }
  const [user, group, path] = ['user', 'group', 'path'].map((key) => textAt(entry, key));
  const refused = path?.startsWith('/') ? outside.refusePath?.(normalize(path)) : undefined;
  if (refused) findings.add({ ...at('path'), ...refused });
  if (user !== undefined && outside.hasUser?.(user) === false)
    findings.add({
      ...at('user'),
      ...{ expected: 'a user of this machine', got: quote(user), hint: 'adding the user first' },
    });
  if (group !== undefined && outside.hasGroup?.(group) === false)
    findings.add({
      ...at('group'),
      ...{ expected: 'a group of this machine', got: quote(group), hint: 'adding the group first' },
    });
}

function textAt(entry: Located, key: string): string | undefined {
  const value = entry.children.get(key)?.value;
  return typeof value === 'string' ? value : undefined;
}

function entriesOf(root: Located): [string, Located][] {
  return [...(findLocated(root, ['secrets', 'files'])?.children ?? [])];
}

/** Every text below the contents of files. */
function templates(root: Located): { located: Located; path: Path }[] {
  return entriesOf(root).flatMap(([i, entry]) =>
    CONTENTS.flatMap((key) => {
      const content = entry.children.get(key);
      return content ? textsBelow(content, ['secrets', 'files', Number(i), key]) : [];
    }),
  );
}

function textsBelow(located: Located, path: Path): { located: Located; path: Path }[] {
  if (typeof located.value === 'string') return [{ located, path }];
  const list = Array.isArray(located.value);
  return [...located.children].flatMap(([key, child]) =>
    textsBelow(child, [...path, list ? Number(key) : key]),
  );
}

/** Offset in the file of an index of a text: the n-th `${` of the one is the n-th of the other. */
function placeOf(located: Located, source: Source, at: number): number {
  const nth = String(located.value).slice(0, at).split('${').length;
  let offset = located.offset - 1;
  for (let i = 0; i < nth && offset >= -1; i++) {
    offset = source.text.indexOf('${', offset + 1);
    if (offset < 0) return located.offset;
  }
  return offset;
}
