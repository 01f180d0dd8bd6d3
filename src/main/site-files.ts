import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { OpenSite } from '../cli/context.ts';
import type { Catalog } from '../plan/resolve.ts';
import { readSiteFile } from '../site/read.ts';
import { administratorFrom, generatePool, starter } from '../site/starter.ts';
import { PersonFault } from '../util/errors.ts';
import { planned, plannedHere } from './outside.ts';
import { siteLayout, stateRoot } from './places.ts';

const NAME = 'site.yaml';

/** Folder of the launcher. */
const home = resolve(import.meta.dirname, '../..');

/** The site file a command is about: the one named, the one here, the one beside the launcher, the only one. */
export function findSite(named: string | undefined): string | undefined {
  if (named !== undefined) return resolve(named);
  const candidates = [join(process.cwd(), NAME), join(home, NAME)];
  const found = candidates.find((path) => existsSync(path));
  if (found) return found;
  const accepted = acceptedSites();
  return accepted.length === 1 ? accepted[0] : undefined;
}

function acceptedSites(): string[] {
  try {
    const folders = readdirSync(stateRoot());
    return folders.map((domain) => siteLayout(domain).site).filter((path) => existsSync(path));
  } catch {
    return [];
  }
}

/** `changing`: something is about to be changed by it, so this machine is asked too. */
export function openSite(named: string | undefined, catalog: Catalog, changing = false): OpenSite {
  const path = findSite(named);
  if (!path)
    throw new PersonFault({
      where: NAME,
      message: 'expected a site file here or beside the launcher; got none; try ./allod init example.org',
    });
  const outside = changing ? plannedHere(catalog, stateRoot()) : planned(catalog);
  const site = readSiteFile(path, catalog, outside);
  return { path, text: readFileSync(path, 'utf8'), site, layout: siteLayout(site.domain) };
}

/** Writes a starter site file; never over an existing one. */
export function writeStarter(path: string, domain: string): void {
  const schema = schemaFor(path);
  const text = starter({
    domain,
    pool: generatePool(randomBytes),
    address: '127.0.0.1',
    administrator: administratorFrom([process.env.SUDO_USER, userInfo().username]),
    ...(schema === undefined ? {} : { schema }),
  });
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new PersonFault({
      where: path,
      message: 'expected no such file, because it is kept; try another folder',
    });
  }
}

/** Path of the schema that editors check a site file with, from the file; undefined outside the clone. */
export function schemaFor(path: string): string | undefined {
  const folder = dirname(resolve(path));
  if (folder !== home && !folder.startsWith(`${home}/`)) return undefined;
  return relative(folder, join(home, 'docs/site.schema.json'));
}
