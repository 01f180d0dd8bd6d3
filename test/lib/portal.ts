import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PortalConfig } from '../../src/model/sign-on.ts';
import type { Account, Directory } from '../../src/portal/directory.ts';
import { type RunningPortal, startPortal } from '../../src/portal/portal.ts';
import type { Settings } from '../../src/portal/settings.ts';
import { Visit } from './visit.ts';

export const ISSUER = 'https://portal.example.org';
export const CALLBACK = 'https://projects.example.org/oidc/callback';

/** A private JWK on P-256, as the store makes them. */
export function newKey(): string {
  return JSON.stringify(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
  );
}

interface Entry extends Account {
  secret: string;
  /** Shown to nobody. */
  disabled: boolean;
}

/** A directory in memory, at the place of LDAP. */
export class MemoryDirectory implements Directory {
  readonly entries = new Map<string, Entry>();
  /** Refuses everything, as one that is away does. */
  away?: Error;
  /** What happens before the next question by id is answered, once. */
  meanwhile?: (() => Promise<void>) | undefined;

  add(name: string, secret: string, more: Partial<Account> = {}): Entry {
    const entry = {
      id: randomUUID(),
      name,
      displayName: name,
      groups: [],
      passwordSince: '',
      disabled: false,
      secret,
      ...more,
    };
    this.entries.set(name, entry);
    return entry;
  }

  async byName(name: string) {
    return this.#shown().find((entry) => entry.name === name);
  }

  async byId(id: string) {
    const { meanwhile } = this;
    this.meanwhile = undefined;
    await meanwhile?.();
    return this.#shown().find((entry) => entry.id === id);
  }

  async check(name: string, password: string) {
    const entry = await this.byName(name);
    return entry && this.entries.get(name)?.secret === password ? entry : undefined;
  }

  async changePassword(name: string, old: string, password: string): Promise<'changed' | 'wrong'> {
    if (this.entries.get(name)?.secret !== old) return 'wrong';
    this.setPassword(name, password);
    return 'changed';
  }

  /** As an administrator does. */
  setPassword(name: string, secret: string): void {
    const entry = this.entries.get(name);
    if (entry) Object.assign(entry, { secret, passwordSince: `${Number(entry.passwordSince) + 1}` });
  }

  async present() {
    return new Map(this.#shown().map(({ id, passwordSince }) => [id, passwordSince]));
  }

  /** As they are now: what was found stays as it was. */
  #shown(): Account[] {
    if (this.away) throw this.away;
    return [...this.entries.values()].filter(({ disabled }) => !disabled).map((entry) => ({ ...entry }));
  }
}

/** Answers verbs on a unix socket as the daemon does: the wire, and nothing of the daemon behind it. */
export class WireDaemon {
  readonly said: { verb: string; body: Record<string, unknown> }[] = [];
  /** By verb: lines to answer with. */
  readonly lines = new Map<string, (body: Record<string, unknown>) => object[]>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const verb = (request.url ?? '').slice(1);
        const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
        this.said.push({ verb, body });
        const lines = this.lines.get(verb);
        response.statusCode = lines ? 200 : 404;
        for (const line of lines?.(body) ?? []) response.write(`${JSON.stringify(line)}\n`);
        response.end();
      });
    });
  }

  listen(path: string): Promise<void> {
    return new Promise((done) => this.#server.listen(path, done));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

export interface Trial {
  config: PortalConfig<string>;
  portal: RunningPortal;
  directory: MemoryDirectory;
  daemon: WireDaemon;
  log: string[];
  /** Moves the portal's clock on, ms. */
  later(ms: number): void;
  /** A browser at its own address. */
  visit(address?: string): Visit;
  close(): Promise<void>;
}

/** The portal's server in this process, its database in a folder of its own. */
export async function tryPortal(
  change: Partial<PortalConfig<string>> = {},
  settings: Partial<Settings> = {},
): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), 'allod-portal-'));
  const directory = new MemoryDirectory();
  const daemon = new WireDaemon();
  await daemon.listen(join(folder, 'daemon.sock'));
  const config = { ...configIn(folder), ...change };
  const log: string[] = [];
  let shift = 0;
  const portal = await startPortal(
    config,
    { log: (text) => log.push(text), now: () => Date.now() + shift, answerStep: 0, ...settings },
    () => directory,
  );
  return {
    ...{ config, portal, directory, daemon, log },
    later: (ms) => {
      shift += ms;
    },
    visit: (address) => new Visit(portal.port, ISSUER, address),
    async close() {
      await portal.close();
      daemon.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function configIn(folder: string): PortalConfig<string> {
  const [key, cookieKey] = [newKey(), randomBytes(32).toString('base64url')];
  return {
    domain: 'example.org',
    title: 'The Ångströms',
    issuer: ISSUER,
    port: 0,
    data: join(folder, 'data'),
    daemon: join(folder, 'daemon.sock'),
    directory: {
      host: 'directory.example.org',
      port: 636,
      base: 'dc=example,dc=org',
      people: 'ou=people,dc=example,dc=org',
      groups: 'ou=groups,dc=example,dc=org',
      bind: 'cn=portal,ou=services,dc=example,dc=org',
      password: 'not used',
      ca: join(folder, 'ca.pem'),
    },
    cookieKeys: [cookieKey, cookieKey],
    signingKeys: [key, key],
    clients: [
      {
        id: 'projects',
        title: 'Projects',
        secrets: ['new secret', 'old secret'],
        redirectUris: [CALLBACK],
        postLogoutUris: ['https://projects.example.org/'],
      },
    ],
    gates: [],
    tiles: [],
    devices: [],
    administrators: ['alice'],
  };
}
