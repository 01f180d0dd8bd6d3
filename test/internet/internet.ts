import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { disconnectOutside } from '../lib/internet.ts';
import { STATE } from '../lib/site.ts';
import { type Assessment, dnsviz, type Finding, zonemaster } from './checks.ts';
import { removeHouse } from './house.ts';
import {
  cutLine,
  droppedSources,
  inNamespace,
  layLines,
  mendLine,
  plug,
  removeLines,
  takeProvider,
  unplug,
} from './lines.ts';
import { HOSTS, type IspName } from './map.ts';
import {
  type Answer,
  ask,
  forget,
  type RootFiles,
  removeResolver,
  startResolver,
  writeRootFiles,
} from './resolver.ts';
import { startServers } from './servers.ts';
import type { Delegation } from './zones.ts';

const FOLDER = join(STATE, 'internet');

export interface Internet {
  /** Of our root, for other resolvers. */
  root: RootFiles;
  /** At the registrar, or for a reverse zone at its provider: sets or replaces a delegation; `undefined` withdraws it. */
  delegate(zone: string, delegation: Delegation | undefined): Promise<void>;
  /** At the provider: what an address is called, by its name in the reverse zone. */
  setPtr(owner: string, name: string | undefined): Promise<void>;
  /** Runs a command on the client's machine and returns its standard output; throws where it fails. */
  client(...argv: string[]): Promise<string>;
  /** Asks the client's resolver, which validates. */
  ask(name: string, type: string): Promise<Answer>;
  /** Asks two independent judges, on the client's machine. */
  zonemaster(zone: string): Promise<Finding[]>;
  dnsviz(zone: string): Promise<Assessment>;
  /** Lets the client's resolver forget all answers. */
  forget(): Promise<void>;
  /** The provider of this machine's default routes; `a` at first. */
  takeProvider(name: IspName): void;
  cutLine(name: IspName): Promise<void>;
  mendLine(name: IspName): Promise<void>;
  /** This machine's interface to a provider goes down, and up again; `takeProvider` brings its default route back. */
  unplug(name: IspName): void;
  plug(name: IspName): void;
  /** Packets from this machine that a provider dropped, because their source is not of its own. */
  droppedSources(name: IspName): Promise<number>;
}

/** Makes the internet of the tests; what an earlier run left is removed first. */
export async function connectInternet(): Promise<Internet> {
  disconnectOutside();
  disconnectInternet();
  mkdirSync(FOLDER, { recursive: true });
  layLines();
  const registry = await startServers(FOLDER);
  const root = writeRootFiles(FOLDER, registry.dsOf('.'));
  await startResolver(FOLDER, root);
  return {
    root,
    delegate: registry.delegate,
    setPtr: registry.setPtr,
    zonemaster: (zone) => zonemaster(FOLDER, root, zone),
    dnsviz: (zone) => dnsviz(FOLDER, root, zone),
    client: (...argv) => inNamespace(HOSTS.client.namespace, ...argv),
    ask,
    forget: () => forget(FOLDER),
    ...{ takeProvider, cutLine, mendLine, unplug, plug, droppedSources },
  };
}

export function disconnectInternet(): void {
  removeHouse();
  removeLines();
  removeResolver();
  rmSync(FOLDER, { recursive: true, force: true });
}
