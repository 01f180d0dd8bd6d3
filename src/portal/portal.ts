import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DatabaseSync } from 'node:sqlite';
import type { PortalConfig } from '../model/sign-on.ts';
import { messageOf } from '../util/errors.ts';
import { assetsIn } from './assets.ts';
import { daemonAt } from './daemon.ts';
import { type Directory, mayUse } from './directory.ts';
import { elevationsOf } from './elevations.ts';
import { ldapDirectory } from './ldap.ts';
import { type KeySet, keySetOf } from './oidc/keys.ts';
import { buildProvider } from './oidc/provider.ts';
import { sessionsOf } from './oidc/sessions.ts';
import type { Portal } from './parts.ts';
import { peopleOf } from './people.ts';
import { routed, secured } from './routes.ts';
import { DEFAULTS, type Settings } from './settings.ts';
import { agreementsOf } from './store/agreements.ts';
import { type Bounds, boundsOf } from './store/bounds.ts';
import { codesOf } from './store/codes.ts';
import { openStore, purge } from './store/database.ts';
import { limitsOf } from './store/limits.ts';
import { momentsOf } from './store/moments.ts';
import { passkeysOf } from './store/passkeys.ts';
import { passwordlessOf } from './store/passwordless.ts';

export interface RunningPortal {
  port: number;
  /** Takes another configuration; requests under way end with the one they began with. */
  reload(config: PortalConfig<string>): void;
  /** What is done every minute: a key's time has come, somebody is disabled, things are over. */
  tend(): Promise<void>;
  close(): Promise<void>;
}

const MINUTE = 60_000;

/** `directory`: how people are found, from the configuration. */
export async function startPortal(
  first: PortalConfig<string>,
  chosen: Partial<Settings> = {},
  directoryOf: (config: PortalConfig<string>) => Directory = ({ directory }) => ldapDirectory(directory),
): Promise<RunningPortal> {
  const settings = { ...DEFAULTS, ...chosen };
  const db = openStore(first.data);
  const bounds = boundsOf(db);
  const lasting = lastingParts(db, bounds, settings, () => current.portal);
  let current = serving(first);

  function serving(config: PortalConfig<string>) {
    const keys = keySetOf(db, config.signingKeys, settings);
    const ca = () => readFileSync(config.directory.ca, 'utf8');
    const { people, agreements } = lasting;
    const provider = buildProvider({ config, settings, db, bounds, keys, ca, people, agreements });
    const portal: Portal = {
      ...lasting,
      ...{ config, provider, settings },
      assets: assetsIn(settings.web, settings.log),
      directory: directoryOf(config),
      daemon: daemonAt(config.daemon),
      passkeys: passkeysOf(db, settings.now, config.issuer),
    };
    provider.use(secured(portal));
    provider.use(routed(portal));
    return { config, portal, keys, handle: provider.callback() };
  }

  function reload(config: PortalConfig<string>): void {
    const before = current;
    current = serving(config);
    say(settings, before.keys, current.keys);
  }

  async function tend(): Promise<void> {
    purge(db, settings.now());
    // What is configured is seen as it ages: the next key signs when clients had time to see it.
    if (keySetOf(db, current.config.signingKeys, settings).kid !== current.keys.kid) reload(current.config);
    await endOfThoseGone(current.portal);
    await endOfAccess(current.portal);
    await lasting.elevations.sweep((uid) => lasting.isSession(uid));
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    void current.handle(request, response);
  });
  server.listen(first.port, '127.0.0.1');
  await once(server, 'listening');
  const timer = setInterval(() => {
    tend().catch((error: unknown) => settings.log(messageOf(error)));
  }, MINUTE);
  timer.unref();

  return {
    port: (server.address() as AddressInfo).port,
    reload,
    tend,
    async close() {
      clearInterval(timer);
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      await closed;
      db.close();
    },
  };
}

/** What outlives a reading of the configuration. */
function lastingParts(db: DatabaseSync, bounds: Bounds, settings: Settings, portal: () => Portal) {
  const { now } = settings;
  const isSession = db.prepare(`SELECT 1 FROM model WHERE kind = 'Session' AND uid = ?`);
  return {
    people: peopleOf(() => portal().directory, settings),
    sessions: sessionsOf(db, () => portal().provider, settings),
    elevations: elevationsOf(() => portal().daemon, now),
    moments: momentsOf(db, now, bounds),
    limits: limitsOf(db, now),
    agreements: agreementsOf(db, now),
    codes: codesOf(db, now),
    passwordless: passwordlessOf(db),
    isSession: (uid: string) => isSession.get(uid) !== undefined,
    healthy: () => answers(db),
  };
}

function answers(db: DatabaseSync): boolean {
  try {
    return db.prepare('SELECT count(*) AS n FROM signing').get() !== undefined;
  } catch {
    return false;
  }
}

/** Sessions of people who are gone, disabled or have another password, used or not: services are told. */
async function endOfThoseGone({ sessions, directory, people }: Portal): Promise<void> {
  const accounts = sessions.accounts();
  if (accounts.length === 0) return;
  const present = await directory.present();
  for (const account of accounts) {
    const since = present.get(account);
    if (since === undefined) {
      people.forget(account);
      await sessions.endAll(account);
    } else if (sessions.of(account).some(({ uid }) => !sessions.isOf(uid, since))) {
      const now = await people.find(account, 0); // it may have been set since the list was made
      if (now) await sessions.endOthers(account, now.passwordSince);
    }
  }
}

/** Somebody left a group, or the site file names another: services they may not use any more are told so. */
async function endOfAccess({ config, sessions, people }: Portal): Promise<void> {
  const limited = new Map(
    config.clients.filter(({ access }) => access).map(({ id, access }) => [id, access]),
  );
  if (limited.size === 0) return;
  for (const id of sessions.accounts()) {
    const account = await people.find(id);
    const held = sessions.of(id).flatMap(({ uid, clients }) => clients.map((client) => ({ uid, client })));
    for (const { uid, client } of held)
      if (account && !mayUse(account, limited.get(client))) await sessions.endAt(uid, client);
  }
}

function say({ log }: Settings, before: KeySet, after: KeySet): void {
  if (before.kid !== after.kid) log(`tokens are signed with key ${after.kid} from now on`);
}
