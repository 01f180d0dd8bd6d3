import type { Site } from '../model/site.ts';
import type { Listener } from '../reconcile/events.ts';
import { type Fault, formatFault, PersonFault } from '../util/errors.ts';
import type { Planned, RunFault } from './answers.ts';
import type { Asker } from './asker.ts';
import type { Journal } from './journal.ts';
import { changedForRoot, type MachineFiles } from './root-alone.ts';
import type { Handlers } from './server.ts';
import { placeOf, readBefore, readPlace, type SitePlace, writePlace } from './site-on-disk.ts';

/** What the verbs about the site file stand on. */
export interface SiteParts {
  journal: Journal;
  /** Text of the site file as accepted. */
  accepted(): string | undefined;
  /** Validates a text by itself; throws PersonFault. */
  readSite(text: string): Site;
  /** As `up` does, against this machine too. */
  readSiteHere(text: string): Site;
  machineFiles: MachineFiles;
  /** The site that is kept. */
  site(): Site;
  plan(site: Site): Promise<Planned>;
  /** Throws PersonFault where the network may not be changed so now. */
  assertMayCome(site: Site): void;
  /** A run that makes it true, and the accepted one. */
  bringUp(site: Site, text: string, listen: Listener): Promise<{ faults: RunFault[] }>;
}

const PLACE = 'site-place';

/** Remembers which file `up` was given, so that a person can change it through the daemon. */
export function noteSitePlace(journal: Journal, path: string | undefined): void {
  const place = path === undefined ? undefined : placeOf(path);
  if (place) journal.remember(PLACE, place);
}

export function siteHandlers(parts: SiteParts): Pick<Handlers, 'siteFile' | 'checkSite'> & {
  /** As the verb, within a task. */
  applySite(
    request: { site: string; was: string },
    listen: Listener,
    asker: Asker,
  ): Promise<{ faults: RunFault[] }>;
} {
  function place(): SitePlace | undefined {
    return parts.journal.recall(PLACE) as SitePlace | undefined;
  }

  return {
    async siteFile() {
      const accepted = parts.accepted() ?? '';
      const known = place();
      if (!known) return { accepted };
      const there = readPlace(known);
      const before = readBefore(known);
      return {
        ...{ accepted, path: known.path },
        ...(there === undefined || there === accepted ? {} : { edited: there }),
        ...(before === undefined ? {} : { before }),
      };
    },
    async checkSite({ site: text }, _, asker) {
      let site: Site;
      try {
        site = read(parts, text, asker);
        parts.assertMayCome(site);
      } catch (error) {
        if (!(error instanceof PersonFault)) throw error;
        return { faults: error.faults.map(formatFault) };
      }
      return { faults: [], planned: await parts.plan(site) };
    },
    async applySite({ site: text, was }, listen, asker) {
      const site = read(parts, text, asker);
      parts.assertMayCome(site);
      const known = place();
      if (!known)
        throw new PersonFault({
          where: 'site file',
          message:
            'expected to know where it stands on this machine; got none: no ./allod up was given a plain file; try ./allod up once',
        });
      writePlace(known, text, was);
      return await parts.bringUp(site, text, listen);
    },
  };
}

/** Throws PersonFault with every fault. Of a text for another site only that is told: the rest would be about this one. */
function read(parts: SiteParts, text: string, { how }: Asker): Site {
  const { readSite, readSiteHere, site: kept } = parts;
  const site = readSite(text);
  const other = anotherSite(site, kept());
  if (other.length > 0) throw new PersonFault(other);
  const faults = [
    ...(how === 'command' ? [] : forRootAlone(site, kept(), parts.machineFiles)),
    ...faultsIn(() => readSiteHere(text)),
  ];
  if (faults.length > 0) throw new PersonFault(faults);
  return site;
}

function faultsIn(work: () => void): Fault[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof PersonFault) return error.faults;
    throw error;
  }
}

function anotherSite({ domain }: Site, kept: Site): Fault[] {
  if (domain === kept.domain) return [];
  return [
    {
      ...{ where: 'site.yaml', path: 'domain' },
      message: `expected ${kept.domain}, which this daemon looks after; got ${domain}; try ./allod up for another site`,
    },
  ];
}

/** What is not a browser's to change. */
function forRootAlone(site: Site, kept: Site, machineFiles: MachineFiles): Fault[] {
  return changedForRoot(site, kept, machineFiles).map((path) => ({
    ...{ where: 'site.yaml', path },
    message:
      'expected it as it is, because it is about commands and files of this machine itself, which is root’s; got a change; try ./allod site apply on the machine',
  }));
}
