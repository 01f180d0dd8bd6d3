import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Layout } from '../model/layout.ts';
import type { Site } from '../model/site.ts';
import type { Person, Status } from '../model/status.ts';
import { Keeper } from '../reconcile/keeper.ts';
import { serviceStatus, siteStatus } from '../reconcile/status.ts';
import type { World } from '../reconcile/world.ts';
import { Transient } from '../util/errors.ts';
import type { NewPerson } from './api.ts';
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
  /** Ends what runs on this machine, keeps data. */
  takeDown(site: Site, say: (text: string) => void): Promise<void>;
  log(text: string): void;
  /** Called after `down` or `leave` was answered. */
  exit(): void;
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
  const { layout, log } = parts;
  const since = Date.now();
  let keeper: Keeper | undefined;

  function current(): Keeper {
    if (!keeper) throw new Transient('no site was brought up yet; try ./allod up');
    return keeper;
  }

  function status(): Status {
    const { world, health, last } = current();
    const address = world.site.network.ipv4.address;
    const services = (last?.desired.services ?? []).map((s) => serviceStatus(s, health, last, address));
    const daemon = { running: true, pid: process.pid, since };
    return siteStatus(world.site.domain, services, daemon, last?.stateHash ?? '');
  }

  const handlers: Handlers = {
    async up({ site: text }, emit) {
      const world = parts.compose(parts.readSite(text));
      keeper ??= new Keeper(world, log);
      saveSite(layout, text);
      const { made, faults } = await keeper.run(emit, world);
      keeper.watch();
      const list = [...faults.values()].map(({ change, fault }) => ({
        key: change.key,
        service: change.service,
        text: fault?.text ?? '',
      }));
      return { status: status(), made, faults: list };
    },
    async ping() {
      return { version: parts.version };
    },
    async leave() {
      keeper?.stop();
      await keeper?.exclusive(async () => {}); // what is under way comes to its end
      setImmediate(parts.exit);
      return {};
    },
    async status() {
      return status();
    },
    async down(_, emit) {
      const site = current().world.site;
      current().stop();
      await current().exclusive(() =>
        parts.takeDown(site, (text) => emit({ type: 'progress', key: 'down', text })),
      );
      setImmediate(parts.exit);
      return {};
    },
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

  const accepted = readAccepted(layout);
  if (accepted !== undefined) {
    keeper = new Keeper(parts.compose(parts.readSite(accepted)), log);
    keeper.watch();
  }
  return await serve(layout.socket, handlers, log);
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
