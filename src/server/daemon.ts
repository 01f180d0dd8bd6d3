import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Layout } from '../model/layout.ts';
import type { Delegation, RecordView } from '../model/names.ts';
import type { Resource } from '../model/resource.ts';
import type { Site } from '../model/site.ts';
import type { Source } from '../model/source.ts';
import type { Person, Status, StatusFinding } from '../model/status.ts';
import { foresee } from '../plan/renumbering.ts';
import { look } from '../reconcile/converge.ts';
import type { Listener } from '../reconcile/events.ts';
import { Keeper } from '../reconcile/keeper.ts';
import { outlookFor, renumberingFindings } from '../reconcile/phases.ts';
import { serviceStatus, siteFindings, siteStatus } from '../reconcile/status.ts';
import type { World } from '../reconcile/world.ts';
import { PersonFault, Transient, traceOf } from '../util/errors.ts';
import type { Empty, NewPerson } from './api.ts';
import { type AppPasswordDesk, appPasswordHandlers } from './app-passwords.ts';
import { faultsOf } from './faults.ts';
import { renumber } from './renumber.ts';
import type { Rotators } from './rotate.ts';
import { rotateHandler, type SecretDesk, type Surroundings, secretHandlers } from './secrets.ts';
import { type Handlers, serve } from './server.ts';

/** What a daemon is made of; `compose.ts` fills it in. */
export interface DaemonParts {
  layout: Layout;
  version: string;
  /** Validates the text of a site file; throws PersonFault. */
  readSite(text: string): Site;
  /** All that makes this site true. */
  compose(site: Site): World;
  people(site: Site): PeopleDirectory;
  appPasswords(site: Site): AppPasswordDesk;
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
  rotators: Rotators;
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

export interface PeopleDirectory {
  list(): Promise<Person[]>;
  add(person: NewPerson): Promise<{ password?: string }>;
  setPassword(name: string, password?: string): Promise<{ password?: string }>;
  remove(name: string): Promise<void>;
  setAdministrators(names: string[]): Promise<string[]>;
}

/** Starts to keep the site that was last accepted, if any, and to listen. */
export async function startDaemon(parts: DaemonParts): Promise<Server> {
  const { layout, log, secrets } = parts;
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
    setImmediate(parts.exit);
    return {};
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
  const handlers: Handlers = {
    ...secretHandlers(secrets, around),
    ...appPasswordHandlers(parts.appPasswords, around),
    ...rotateHandler(secrets, around, parts.rotators, async (listen) => {
      const result = await current().runUntilServing(listen);
      restSoon();
      return faultsOf(result);
    }),
    async up({ site: text, environment, passphrase, removeNames, removeKeys }, emit) {
      const site = parts.readSite(text);
      await secrets.adopt(site.secrets.unseal, passphrase);
      await readSources(sources, site, environment ?? {}, emit);
      if (ending) throw new Transient('the daemon is about to end; try again in a moment');
      const consent = { names: new Set(removeNames), keys: new Set(removeKeys) };
      const world = { ...parts.compose(site), consent };
      foresee(site.network, world.state.network()); // throws where it may not be changed now
      keeper ??= new Keeper(world, log);
      saveSite(layout, text);
      keeper.watch();
      const result = await keeper.runUntilServing(emit, world).finally(() => {
        for (const zones of Object.values(consent)) zones.clear(); // it was for this run
      });
      restSoon();
      return { status: status(), made: result.made, faults: faultsOf(result) };
    },
    async plan({ site }) {
      const world = parts.compose(parts.readSite(site));
      const { changes, observed } = await look(world);
      restSoon();
      return { changes, unknown: observed.unknown, ...(await outlookFor(world)) };
    },
    renumber: ({ action }, emit) => renumber(current(), action, emit),
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
    async people() {
      return { people: await parts.people(current().world.site).list() };
    },
    async addPerson(person) {
      const { site } = current().world;
      const directory = parts.people(site);
      const answer = await directory.add(person);
      await directory.setAdministrators(site.administrators);
      return answer;
    },
    async setPassword({ name, password }) {
      return await parts.people(current().world.site).setPassword(name, password);
    },
    async removePerson({ name }) {
      await parts.people(current().world.site).remove(name);
      return {};
    },
  };

  keeper = acceptedKeeper(parts);
  keeper?.watch();
  sources.keep(keeper?.world.site.secrets.sources ?? []).catch((error: unknown) => log(traceOf(error)));
  return await serve(layout.socket, handlers, log, secrets.scrub);
}

/** Before the run that needs them; the person is told, because a command may take its time. */
async function readSources(
  sources: SourceKeeper,
  site: Site,
  environment: Record<string, string>,
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
function acceptedKeeper({ layout, readSite, compose, log }: DaemonParts): Keeper | undefined {
  const text = readAccepted(layout);
  if (text === undefined) return undefined;
  try {
    return new Keeper(compose(readSite(text)), log);
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
