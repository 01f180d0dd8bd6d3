import type { Content } from '../model/files.ts';
import { isSecretRef, type SecretRef } from '../model/secret.ts';
import { PersonFault } from '../util/errors.ts';
import { type ReadList, writePolicyZone } from './policy-zone.ts';
import { writeYaml } from './yaml.ts';

/** Gives the value behind a reference. Throws where the store does not hold it. */
export type Reveal = (ref: SecretRef) => string;

/** The text of one file: one writer per format, so no file can be malformed by a value in it. */
export function renderContent(content: Content, reveal: Reveal, readList: ReadList = noLists): string {
  switch (content.format) {
    case 'text':
      return content.parts.map((part) => (isSecretRef(part) ? reveal(part) : part)).join('');
    case 'ini':
      return writeIni(revealAll(content.sections, reveal) as Sections);
    case 'yaml':
      return writeYaml(revealAll(content.data, reveal));
    case 'json':
      return writeJson(revealAll(content.data, reveal));
    case 'policy-zone':
      return writePolicyZone(content, readList);
  }
}

function noLists(path: string): never {
  throw new Error(`no list is read here: ${path}`);
}

type Sections = Record<string, Record<string, string | number | boolean>>;

export function writeIni(sections: Sections): string {
  return Object.entries(sections)
    .map(([name, entries]) => `[${name}]\n${iniLines(entries)}`)
    .join('\n');
}

export function writeJson(data: unknown): string {
  return `${JSON.stringify(data, null, 2)}\n`;
}

function iniLines(entries: Sections[string]): string {
  return Object.entries(entries)
    .map(([key, leaf]) => {
      const value = String(leaf);
      if (/[\r\n\0]/.test(value))
        throw new PersonFault({
          where: 'ini',
          message: `expected values of one line; got a value of ${key} that has more; try another format`,
        });
      return `${key} = ${value}\n`;
    })
    .join('');
}

function revealAll(data: unknown, reveal: Reveal): unknown {
  if (isSecretRef(data)) return reveal(data);
  if (Array.isArray(data)) return data.map((item) => revealAll(item, reveal));
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, revealAll(value, reveal)]));
}
