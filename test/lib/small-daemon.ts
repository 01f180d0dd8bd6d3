import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { secretDesk } from '../../src/main/secret-desk.ts';
import type { Layout } from '../../src/model/layout.ts';
import { openLinks } from '../../src/reconcile/links.ts';
import { openState } from '../../src/reconcile/state.ts';
import { Sources } from '../../src/secrets/sources/sources.ts';
import { openStore } from '../../src/secrets/store.ts';
import { call } from '../../src/server/client.ts';
import type { ConsoleDesk } from '../../src/server/console-verbs.ts';
import { type DaemonParts, startDaemon } from '../../src/server/daemon.ts';
import { openJournal } from '../../src/server/journal.ts';
import { PersonFault } from '../../src/util/errors.ts';
import {
  KINDS,
  type SmallSystem,
  type SmallWorld,
  smallSite,
  smallSystem,
  smallWorld,
} from './small-world.ts';

export interface SmallDaemon {
  layout: Layout;
  system: SmallSystem;
  log: string[];
  exited: Promise<void>;
  parts: DaemonParts;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A daemon whose site files are service ids by comma; the word `wrong` is a fault. */
export async function smallDaemon(
  layout: Layout,
  part: Partial<DaemonParts> = {},
  desk: Partial<ConsoleDesk> = {},
): Promise<SmallDaemon> {
  mkdirSync(layout.root, { recursive: true });
  const log: string[] = [];
  const { promise: exited, resolve } = Promise.withResolvers<void>();
  let world: SmallWorld | undefined;
  const system = smallSystem(KINDS);
  const state = openState(layout.stateDb);
  const store = openStore(layout.secretsDb, layout);
  const journal = openJournal(layout.stateDb);
  const links = openLinks(layout.stateDb);
  const parts: DaemonParts = {
    layout,
    version: '1',
    readSite(text) {
      if (text.includes('wrong')) throw new PersonFault({ where: 'site.yaml:1:1', message: 'is wrong' });
      return smallSite(text.split(','));
    },
    compose(site) {
      world = smallWorld(site, state, system);
      return world;
    },
    groupUse: () => new Map(),
    people: () => assert.fail('nobody asked'),
    appPasswords: () => assert.fail('nobody asked'),
    links,
    reveal: () => assert.fail('nobody asked'),
    watchSources(changed) {
      return new Sources({ store, changed, log: (text) => log.push(text) });
    },
    secrets: secretDesk(store, 'example.org', layout),
    portal: {
      of: () => undefined,
      state,
      store: { get: () => assert.fail('nobody asked'), set: () => assert.fail('nobody asked') },
      checkPassword: () => assert.fail('nobody asked'),
      note: () => assert.fail('nobody asked'),
    },
    names: {
      delegations: () => assert.fail('nobody asked'),
      records: () => assert.fail('nobody asked'),
      findings: () => [],
    },
    rotators: {
      leases: () => [],
      findings: () => [],
      rotateLogin: () => assert.fail('nobody asked'),
      reissueCertificate: () => assert.fail('nobody asked'),
    },
    desk: {
      journal,
      readSiteHere: (text) => parts.readSite(text),
      machineFiles: () => [],
      async removePod(service) {
        system.there.delete(`pod/${service}`);
      },
      certificates: () => assert.fail('nobody asked'),
      images: () => assert.fail('nobody asked'),
      logs: () => assert.fail('nobody asked'),
      examine: () => assert.fail('nobody asked'),
      ...desk,
    },
    async takeDown(say) {
      say('stopping');
      system.there.clear();
    },
    log: (text) => log.push(text),
    rest() {},
    exit: resolve,
    ...part,
  };
  const server = await startDaemon(parts);
  return {
    ...{ layout, system, log, exited, parts },
    async [Symbol.asyncDispose]() {
      await call(layout.socket, 'leave', {});
      server.close();
      journal.close();
      links.close();
      store.close();
    },
  };
}
