import type { HostContent } from '../../model/host-file.ts';
import { fillTemplate } from '../../model/template.ts';
import { writeIni, writeJson } from '../../render/content.ts';
import { writeYaml } from '../../render/yaml.ts';

/** Gives the value at a path of the store. Throws Transient where the store does not hold it. */
export type RevealPath = (path: string) => string;

/** The text of a file, every reference in it replaced by its value. */
export function renderHostContent(content: HostContent, reveal: RevealPath): string {
  switch (content.format) {
    case 'text':
      return fillTemplate(content.text, reveal);
    case 'ini':
      return writeIni(fill(content.data, reveal) as typeof content.data);
    case 'yaml':
      return writeYaml(fill(content.data, reveal));
    case 'json':
      return writeJson(fill(content.data, reveal));
  }
}

function fill(data: unknown, reveal: RevealPath): unknown {
  if (typeof data === 'string') return fillTemplate(data, reveal);
  if (Array.isArray(data)) return data.map((item) => fill(item, reveal));
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, fill(value, reveal)]));
}
