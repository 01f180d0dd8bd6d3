import { mkdirSync } from 'node:fs';
import type { Departed } from '../model/personal-data.ts';
import type { Site } from '../model/site.ts';
import { groupUse } from '../plan/group-use.ts';
import { personalDataOf } from '../plan/personal-data.ts';
import type { Catalog } from '../plan/resolve.ts';
import { Rotator } from '../secrets/leases/rotator.ts';
import { revealAll } from '../secrets/reveal-all.ts';
import { Sources } from '../secrets/sources/sources.ts';
import { startDaemon } from '../server/daemon.ts';
import { askAboutProof } from '../server/proofs/ask.ts';
import { adminKeys } from '../server/proofs/keys.ts';
import type { Outside } from '../site/outside.ts';
import { readSite } from '../site/read.ts';
import { isExpected, Transient, traceOf } from '../util/errors.ts';
import { takeLock } from '../util/lock.ts';
import { appPasswordsOf, type Composed, compose, peopleOf } from './compose.ts';
import { consoleDesk } from './console-desk.ts';
import { closeInstallation, mountRun, openInstallation } from './install.ts';
import { Lasting } from './lasting.ts';
import { namesOf } from './names.ts';
import { planned, plannedHere } from './outside.ts';
import { siteLayout, stateRoot } from './places.ts';
import { portalDesk } from './portal-desk.ts';
import { Purge } from './purge.ts';
import { placesKept } from './put-away.ts';
import { secretDesk } from './secret-desk.ts';
import { SignatureWatch } from './signature-watch.ts';
import { takeDown } from './take-down.ts';
import { tended } from './tended.ts';
import { disableUnit } from './unit.ts';
import { codeVersion } from './version.ts';

/** Exit code of a daemon that found another one of its site at work. */
export const ALREADY_RUNS = 3;

/** How long a name server of others may be behind or silent before it is told, ms: NOTIFY takes seconds, a reboot minutes. */
const COPIES_LATE = 300_000;

/** The daemon of a site as a process of its own. Why it could not start stands in its log. */
export async function daemonProcess(domain: string, catalog: Catalog): Promise<void> {
  const accept = planned(catalog);
  const acceptHere = plannedHere(catalog, stateRoot());
  const read = (text: string, outside: Outside) => readSite(Buffer.from(text), 'site.yaml', catalog, outside);
  try {
    await runDaemon(domain, catalog, {
      readSite: (text) => read(text, accept),
      readSiteHere: (text) => read(text, acceptHere),
    });
  } catch (error) {
    process.stderr.write(`${isExpected(error) ? error.message : traceOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** The daemon's whole life: returns when it listens; the process ends by `down` or a signal. */
async function runDaemon(
  domain: string,
  catalog: Catalog,
  { readSite, readSiteHere }: Record<'readSite' | 'readSiteHere', (text: string) => Site>,
): Promise<void> {
  const layout = siteLayout(domain);
  mkdirSync(layout.root, { recursive: true, mode: 0o700 });
  const lock = takeLock(layout.lock);
  if (!lock) {
    print(`another daemon looks after ${domain}`);
    process.exit(ALREADY_RUNS);
  }
  const installation = await openInstallation(layout, catalog);
  await mountRun(layout);
  const rotator = new Rotator();
  let composed: Composed | undefined;
  let sources: Sources | undefined;
  const secrets = secretDesk(installation.store, domain, layout);
  const desk = consoleDesk(domain, installation, readSiteHere);
  const log = (text: string) => print(secrets.scrub(text));
  const signatures = new SignatureWatch((error) => log(traceOf(error)));
  const copies = new Lasting(COPIES_LATE);
  const purge = new Purge(log);
  const server = await startDaemon({
    layout,
    version: codeVersion(),
    readSite,
    compose(site) {
      const { state } = installation;
      const world = compose(site, installation, log);
      composed = tended(world, rotator, (resources) => {
        // After a run, not when composed: a plan of a text that is never brought up leaves nothing behind.
        state.savePersonalData(placesKept(state, personalDataOf(site, catalog)));
        signatures.look(async () => {
          const names = namesOf(site, installation);
          const [served, copied] = await Promise.all([names.served(resources), names.copies(resources)]);
          return [...served, ...copies.of(copied, Date.now())];
        });
        if (resources.some(({ kind }) => kind === 'account'))
          purge
            .look(Date.now(), (now) => peopleOf(site, installation).purge(now, part(world)))
            .catch((error: unknown) => log(traceOf(error)));
      });
      return composed;
    },
    groupUse: (site) => groupUse(site, catalog),
    people: (site) => peopleOf(site, installation),
    appPasswords: (site) => appPasswordsOf(site, installation),
    links: installation.links,
    names: {
      delegations: (site, wanted) => namesOf(site, installation).delegations(wanted),
      records: (site, wanted) => namesOf(site, installation).records(wanted),
      findings: () => signatures.findings,
    },
    reveal: (paths, actor) => revealAll(installation.store, paths, actor),
    secrets,
    desk,
    portal: portalDesk(installation, catalog),
    rotators: {
      leases: () => rotator.leases(),
      findings: () => rotator.findings(),
      rotateLogin: (service) => rotator.rotate(service),
      async reissueCertificate(resource) {
        if (!composed) throw new Transient('the site is not looked after yet; try again in a moment');
        await composed.reissue(resource);
      },
    },
    async takeDown(say) {
      rotator.stop();
      await takeDown(domain, installation, say, disableUnit);
    },
    watchSources(changed) {
      sources = new Sources({ store: installation.store.as('sources'), changed, log });
      return sources;
    },
    log,
    rest: () => globalThis.gc?.({ type: 'major', flavor: 'last-resort' }), // gives free pages back, which gc() keeps
    exit,
  });
  /** Nothing of somebody whose account is over is left under the name, which is somebody else's afterwards. */
  function part(world: Composed): (who: Departed) => Promise<void> {
    return async (who) => {
      adminKeys({ ...portalDesk(installation, catalog), ask: askAboutProof }).clear(who.name);
      await world.putAway(who);
    };
  }

  process.on('SIGTERM', exit);
  process.on('SIGINT', exit);
  log(`looks after ${domain}`);

  function exit(): void {
    rotator.stop();
    server.close();
    sources?.close();
    desk.journal.close();
    closeInstallation(installation);
    lock?.[Symbol.dispose]();
    process.exit(0);
  }
}

function print(text: string): void {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`);
}
