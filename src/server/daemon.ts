import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { appsIn } from '../model/app-passwords.ts';
import type { Layout } from '../model/layout.ts';
import type { Delegation, RecordView } from '../model/names.ts';
import type { Resource } from '../model/resource.ts';
import type { Site } from '../model/site.ts';
import type { Source } from '../model/source.ts';
import type { Status, StatusFinding } from '../model/status.ts';
import { foresee } from '../plan/renumbering.ts';
import { look } from '../reconcile/converge.ts';
import type { Listener } from '../reconcile/events.ts';
import { Keeper } from '../reconcile/keeper.ts';
import type { Links } from '../reconcile/links.ts';
import { outlookFor, renumberingFindings } from '../reconcile/phases.ts';
import { serviceStatus, siteFindings, siteStatus } from '../reconcile/status.ts';
import type { World } from '../reconcile/world.ts';
import { isExpected, PersonFault, Transient, traceOf } from '../util/errors.ts';
import { recorded } from './activity.ts';
import type { Empty, Planned } from './api.ts';
import { type AppPasswordDesk, appPasswordHandlers } from './app-passwords.ts';
import { type ConsoleDesk, consoleHandlers } from './console-verbs.ts';
import { faultsOf } from './faults.ts';
import { type GroupUse, missingGroups } from './group-use.ts';
import { type LinkDesk, linkDesk } from './links.ts';
import { peopleHandlers } from './people.ts';
import type { MadeLink } from './people-api.ts';
import type { PeopleDirectory } from './people-directory.ts';
import type { Works } from './portal.ts';
import { type PortalDesk, portalDoor } from './portal-door.ts';
import { endProofsWith, proofHandlers } from './proofs/handlers.ts';
import { renumber } from './renumber.ts';
import type { Rotators } from './rotate.ts';
import { rotateHandler, type SecretDesk, type Surroundings, secretHandlers } from './secrets.ts';
import { type Handlers, serve } from './server.ts';
import { noteSitePlace } from './site-desk.ts';
import { Tasks } from './tasks.ts';

/** What a daemon is made of; `compose.ts` fills it in. */
export interface DaemonParts {
  layout: Layout;
  version: string;
  /** Validates the text of a site file; throws PersonFault. */
  readSite(text: string): Site;
  /** All that makes this site true. */
  compose(site: Site): World;
  /** What the site file opens to which groups. */
  groupUse(site: Site): GroupUse;
  people(site: Site): PeopleDirectory;
  appPasswords(site: Site): AppPasswordDesk;
  links: Links;
  /** Values by path, read in the name of `actor`; throws PersonFault naming every path the store does not hold. */
  reveal(paths: string[], actor: string): Record<string, string>;
  /** Watches the sources of secrets; `changed` is told the paths of the store that have a new version. */
  watchSources(changed: (paths: string[]) => void): SourceKeeper;
  /** What is told of the zones of a site that wants these resources. */
  names: {
    delegations(site: Site, wanted: Resource[]): Delegation[];
    records(site: Site, wanted: Resource[]): Promise<RecordView[]>;
    findings(): StatusFinding[];
  };
  secrets: SecretDesk;
  portal: Omit<PortalDesk, 'links'>;
  rotators: Rotators;
  desk: ConsoleDesk;
  /** Ends what runs on this machine, keeps data. */
  takeDown(say: (text: string) => void): Promise<void>;
  log(text: string): void;
  /** Called after a run or a look was answered: what it needed of memory can go. */
  rest(): void;
  /** Called after `down` or `leave` was answered. */
  exit(): void;
}

export interface SourceKeeper {
  /** Resolves when each was read once. `environment`: what `up` was run with. */
  keep(sources: Source[], environment?: Record<string, string>): Promise<void>;
  readonly findings: StatusFinding[];
  close(): void;
}

/** Starts to keep the site that was last accepted, if any, and to listen. */
export async function startDaemon(parts: DaemonParts): Promise<Server> {
  const { layout, log, secrets } = parts;
  const { journal } = parts.desk;
  const tasks = new Tasks(journal, secrets.scrub, log);
  const since = Date.now();
  let keeper: Keeper | undefined;
  let ending = false;
  const sources = parts.watchSources(() => {
    if (!ending) keeper?.changed();
  });

  function current(): Keeper {
    if (!keeper) throw new Transient('no site was brought up yet; try ./allod up');
    return keeper;
  }

  function status(): Status {
    const { world, health, last, services: wanted } = current();
    const services = wanted.map((service) => serviceStatus(service, health, last));
    const daemon = { running: true, pid: process.pid, since };
    const findings = [
      ...secrets.findings(),
      ...parts.rotators.findings(),
      ...sources.findings,
      ...parts.names.findings(),
      ...siteFindings(last),
      ...renumberingFindings(world),
    ];
    return siteStatus(world.site.domain, services, daemon, last?.stateHash ?? '', findings);
  }

  /** Ends the daemon after what is under way and `work`; nothing new begins meanwhile. */
  async function end(work: () => Promise<void>, listen?: Listener): Promise<Empty> {
    ending = true;
    keeper?.stop();
    try {
      await (keeper ? keeper.exclusive(work, listen) : work());
    } catch (error) {
      ending = false;
      keeper?.watch();
      throw error;
    }
    sources.close();
    door.close();
    setImmediate(parts.exit);
    return {};
  }

  function assertStays(): void {
    if (ending) throw new Transient('the daemon is about to end; try again in a moment');
  }

  async function plan(site: Site): Promise<Planned> {
    const world = parts.compose(site);
    const { changes, observed } = await look(world);
    restSoon();
    return { changes, unknown: observed.unknown, ...(await outlookFor(world)), ...(await noticesOf(site)) };
  }

  async function noticesOf(site: Site): Promise<{ notices?: string[] }> {
    const notices = await missingGroups(parts.groupUse(site), () => parts.people(site));
    return notices.length > 0 ? { notices } : {};
  }

  /** A run that makes a site true; the answer of `up`. */
  async function bringUp(site: Site, text: string, emit: Listener, consent?: World['consent']) {
    assertStays();
    const world = { ...parts.compose(site), ...(consent ? { consent } : {}) };
    assertMayCome(site, world);
    keeper ??= new Keeper(world, log, (work) => tasks.accompany(work));
    saveSite(layout, text);
    keeper.watch();
    await door.follow(site); // before the portal's pod is made, which mounts the folder
    const result = await keeper.runUntilServing(emit, world);
    restSoon();
    return { status: status(), made: result.made, faults: faultsOf(result) };
  }

  function restSoon(): void {
    setTimeout(parts.rest, 1000).unref();
  }

  const around: Surroundings = {
    site: () => current().world.site,
    resources: () => current().wanted.resources,
    changed() {
      keeper?.changed();
      restSoon();
    },
  };
  const people = () => parts.people(around.site());
  const portal = () => current().services.find(({ type }) => type === 'portal')?.host;
  const links = linkDesk(parts.links, { site: around.site, people, portal });
  const works: Works = {}; // filled below: the door's verbs are among them, and it says them
  const door = portalDoor({
    ...{ ...parts.portal, works, links, log, scrub: secrets.scrub },
    folder: layout.portalSocket,
    site: around.site,
  });
  const { rotateSecrets } = rotateHandler(secrets, around, parts.rotators, async (listen) => {
    const result = await current().runUntilServing(listen);
    restSoon();
    return faultsOf(result);
  });
  const plain: Handlers = {
    ...proofHandlers({ ...door, note: parts.portal.note }),
    ...secretHandlers(secrets, around),
    ...appPasswordHandlers(parts.appPasswords, around),
    ...peopleHandlers({
      ...{ site: around.site, people, links, groupUse: () => parts.groupUse(around.site()) },
      settle: () => parts.appPasswords(around.site()).settle(appsIn(around.resources())),
    }),
    rotateSecrets(request, emit, asker) {
      const title = `new value for ${request.path ?? 'every secret'}`;
      return tasks.run({ title, by: asker.who }, emit, (listen) => rotateSecrets(request, listen, asker));
    },
    ...consoleHandlers({
      ...parts.desk,
      ...{ tasks, secrets, current, plan },
      readSite: parts.readSite,
      hasProof: door.hasProof,
      accepted: () => readAccepted(layout),
      people: (site) => parts.people(site).list(),
      assertMayCome(site) {
        assertStays();
        assertMayCome(site, current().world);
      },
      async bringUp(site, text, listen) {
        await readSources(sources, site, undefined, listen);
        return await bringUp(site, text, listen);
      },
    }),
    async up({ site: text, path, environment, passphrase, removeNames, removeKeys }, emit, { who, how }) {
      const site = parts.readSite(text);
      await secrets.adopt(site.secrets.unseal, passphrase);
      const consent = { names: new Set(removeNames), keys: new Set(removeKeys) };
      return await tasks.run({ title: 'up', by: who }, emit, async (listen) => {
        await readSources(sources, site, environment ?? {}, listen);
        const answer = await bringUp(site, text, listen, consent).finally(() => {
          for (const zones of Object.values(consent)) zones.clear(); // it was for this run
        });
        if (how === 'command') noteSitePlace(journal, path);
        const [invited, host] = [await administratorsInvited(links), portal()];
        const noticed = await noticesOf(site);
        return {
          ...answer,
          ...noticed,
          links: invited,
          ...(host === undefined ? {} : { portal: `https://${host}/` }),
        };
      });
    },
    plan: ({ site }) => plan(parts.readSite(site)),
    async renumber({ action }, emit, { who }) {
      if (action === 'show') return await renumber(current(), action, emit);
      const title = `change of provider: ${action}`;
      return await tasks.run({ title, by: who }, emit, (listen) => renumber(current(), action, listen));
    },
    async leases() {
      return { leases: parts.rotators.leases() };
    },
    async delegations() {
      const { world, wanted } = current();
      return { zones: parts.names.delegations(world.site, wanted.resources) };
    },
    async records() {
      const { world, wanted } = current();
      return { records: await parts.names.records(world.site, wanted.resources) };
    },
    async ping() {
      return { version: parts.version };
    },
    leave: () => end(async () => {}),
    async status() {
      await current().freshen();
      return status();
    },
    async reveal({ paths, actor }) {
      return { values: parts.reveal(paths, actor) };
    },
    down: (_, emit) =>
      end(() => parts.takeDown((text) => emit({ type: 'progress', key: 'down', text })), emit),
  };

  Object.assign(works, recorded(plain, journal, secrets.scrub, log));
  endProofsWith(works, door);
  keeper = acceptedKeeper(parts, tasks);
  // Whatever is wrong there, the socket of the command line has to come.
  if (keeper) await door.follow(keeper.world.site).catch((error: unknown) => log(traceOf(error)));
  keeper?.watch();
  sources.keep(keeper?.world.site.secrets.sources ?? []).catch((error: unknown) => log(traceOf(error)));
  return await serve(layout.socket, works as unknown as Handlers, log, secrets.scrub);
}

/** None while the directory does not answer: the next `up` makes them. */
async function administratorsInvited(links: LinkDesk): Promise<MadeLink[]> {
  try {
    return await links.inviteAdministrators();
  } catch (error) {
    if (isExpected(error)) return [];
    throw error;
  }
}

/** Throws PersonFault where the network may not be changed so now. */
function assertMayCome({ network }: Site, { state }: World): void {
  foresee(network, state.network());
}

/** Before the run that needs them; the person is told, because a command may take its time. */
async function readSources(
  sources: SourceKeeper,
  site: Site,
  environment: Record<string, string> | undefined,
  emit: Listener,
): Promise<void> {
  const wanted = site.secrets.sources;
  if (wanted.length === 0) return await sources.keep([], environment);
  const key = 'secret/sources';
  const start = Date.now();
  emit({ type: 'started', key, service: 'site', text: 'read the sources of secrets' });
  await sources.keep(wanted, environment);
  emit({ type: 'done', key, ms: Date.now() - start });
}

/** Keeps the site that was last accepted. One that this code does not accept any more waits for an `up`. */
function acceptedKeeper({ layout, readSite, compose, log }: DaemonParts, tasks: Tasks): Keeper | undefined {
  const text = readAccepted(layout);
  if (text === undefined) return undefined;
  try {
    return new Keeper(compose(readSite(text)), log, (work) => tasks.accompany(work));
  } catch (error) {
    if (!(error instanceof PersonFault)) throw error;
    log(`nothing is repaired until the next up, because the site file has faults now:\n${error.message}`);
    return undefined;
  }
}

function readAccepted(layout: Layout): string | undefined {
  try {
    return readFileSync(layout.site, 'utf8');
  } catch {
    return undefined;
  }
}

/** Old or new after a power cut, never half. */
function saveSite(layout: Layout, text: string): void {
  if (readAccepted(layout) === text) return;
  const file = `${layout.site}.new`;
  rmSync(file, { force: true });
  writeFileSync(file, text, { mode: 0o600, flush: true });
  renameSync(file, layout.site);
}
