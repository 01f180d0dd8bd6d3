import { readFileSync } from 'node:fs';
import type { ServiceDefinition } from '../src/contracts/service.ts';
import type { Site } from '../src/model/site.ts';
import type { Catalog } from '../src/plan/resolve.ts';
import { readSite } from '../src/site/read.ts';

/** The sections of a folder's README.md, in this order. */
export const SECTIONS = ['Name', 'Description', 'Site file', 'Requests', 'Examples'];

/** What stands around the services of an example. */
const FRAME = `version: 1
domain: example.org
network:
  ipv6: { pool: "2001:db8:a:10::/64" }
  ipv4: { address: 203.0.113.7 }
administrators: [alice]
`;

/** Texts of the level-two sections of a catalog folder's README.md, by heading, in the order of the file. */
export type Manual = Map<string, string>;

export function readManual(type: string): Manual {
  const text = readFileSync(new URL(`../src/catalog/${type}/README.md`, import.meta.url), 'utf8');
  const [, ...parts] = text.split(/^## /m);
  return new Map(
    parts.map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end).trim(), part.slice(end).trim()];
    }),
  );
}

/** Contents of the fenced blocks of one language. */
export function blocksOf(text: string, language: string): string[] {
  const blocks = text.matchAll(/^```(\S*)\n(.*?)^```$/gms);
  return [...blocks].filter(([, name]) => name === language).map(([, , content = '']) => content);
}

/** The Requests section: contracts its list begins with, and those of a sentence that begins with `Fulfils`. */
export function contractsIn(requests: string): { requested: string[]; fulfilled: string[] } {
  const at = requests.search(/^Fulfils /m);
  const list = at < 0 ? requests : requests.slice(0, at);
  const fulfils = at < 0 ? '' : (requests.slice(at).split(/[,.:]/)[0] ?? '');
  return {
    requested: unique([...list.matchAll(/^- `([^`]+)`/gm)].map(([, name = '']) => name)),
    fulfilled: unique([...fulfils.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)),
  };
}

/** The site of an example, which may leave out everything but its services. */
export function siteOfExample(example: string, catalog: Catalog): Site {
  const text = /^version:/m.test(example) ? example : `${FRAME}${example}`;
  return readSite(Buffer.from(text), 'site.yaml', catalog);
}

/** The site file that asks for one service and nothing else; with settings only where it needs some. */
export function smallestExample({ type, settings }: ServiceDefinition): string {
  if (settings.safeParse({}).success) return `services:\n  ${type}: {}\n`;
  const [example] = blocksOf(readManual(type).get('Site file') ?? '', 'yaml');
  return example ?? '';
}

/** One of each service of the catalog. */
export function siteOfAll(catalog: Catalog): Site {
  const sites = [...catalog.values()].map((definition) =>
    siteOfExample(smallestExample(definition), catalog),
  );
  const services = sites.flatMap((site) => site.services).sort((a, b) => (a.id < b.id ? -1 : 1));
  return { ...siteOfExample('services: {}\n', catalog), services };
}

/** Sorted, each once. */
export function unique(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort();
}
