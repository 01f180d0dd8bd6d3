import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { service as postgres } from '../../src/catalog/postgres/service.ts';
import { image } from '../../src/catalog/projects/image.ts';
import { service } from '../../src/catalog/projects/service.ts';
import { ensureContainersConf } from '../../src/host/containers-conf.ts';
import { LIVE } from '../../src/model/files.ts';
import type { SecretRef } from '../../src/model/secret.ts';
import { renderContent } from '../../src/render/content.ts';
import { exec } from '../../src/util/exec.ts';
import { ensureImage } from './image.ts';
import { STATE } from './site.ts';
import { contextData, siteData } from './site-data.ts';

/*
 * Redmine's container as the catalog lays it out, with a database of its own, in a network that leads nowhere: its portal
 * is a socket of this machine's, and so is Redmine's door.
 */
const POD = 'allod-test-redmine';
const CONF = join(STATE, 'containers.conf');
const FOLDER = join(STATE, 'redmine');
const RELAY = join(import.meta.dirname, 'relay.ts');

export const HOST = 'projects.example.org';
export const ISSUER = 'https://portal.example.org';
/** Socket at which the portal has to listen. */
export const PORTAL = join(FOLDER, 'portal.sock');
const DOOR = join(FOLDER, 'redmine.sock');

export async function podman(...args: string[]): Promise<string> {
  return (await exec(['podman', ...args], { env: { CONTAINERS_CONF: CONF }, timeout: 120_000 })).trim();
}

let relay: ChildProcess | undefined;

export async function removeRedmine(): Promise<void> {
  relay?.kill();
  mkdirSync(FOLDER, { recursive: true });
  await ensureContainersConf(CONF);
  await podman('pod', 'rm', '--ignore', '-f', '-t', '0', POD);
  rmSync(FOLDER, { recursive: true });
}

/** With the database as `sql` leaves it before Redmine starts for the second time; `secrets` by path. */
export async function startRedmine(secrets: Record<string, string>): Promise<void> {
  await removeRedmine();
  mkdirSync(join(FOLDER, 'live'), { recursive: true });
  const [database] = postgres.images;
  if (!database) throw new Error('no image');
  const [app, server] = [await ensureImage(image, CONF), await ensureImage(database, CONF)];
  await podman(
    'pod',
    'create',
    '--name',
    POD,
    '--network',
    'none',
    '--add-host',
    'portal.example.org:127.0.0.1',
  );
  const script = [
    'b=/usr/lib/postgresql/17/bin; $b/initdb -D /tmp/d -U postgres --auth=trust --locale-provider=builtin --locale=C.UTF-8 >/dev/null',
    "printf 'CREATE ROLE projects LOGIN;\\nCREATE DATABASE redmine OWNER projects;\\n' >/tmp/s",
    '$b/postgres --single -D /tmp/d postgres </tmp/s >/dev/null',
    'exec $b/postgres -D /tmp/d -p 6432 -k /tmp -c listen_addresses=127.0.0.1 -c fsync=off',
  ].join(' && ');
  await podman(
    ...['run', '-d', '--pod', POD, '--name', `${POD}-database`, '--user', '10054:10054'],
    ...['--tmpfs', '/tmp:mode=1777', '--entrypoint', '/bin/sh', server, '-c', script],
  );
  place(secrets);
  writeFileSync(join(FOLDER, 'hosts'), '127.0.0.1 localhost portal.example.org\n');
  const [container] = workload(secrets).containers;
  if (!container) throw new Error('no container');
  await podman(
    ...['run', '-d', '--pod', POD, '--name', `${POD}-app`, '--user', `${container.user}:${container.user}`],
    ...['--read-only', '--cap-drop', 'all', '--memory', `${container.memory}m`],
    ...[...container.scratch, ...container.mounts.map(({ path }) => path)].flatMap((path) => [
      '--tmpfs',
      `${path}:mode=1777`,
    ]),
    ...['-v', `${FOLDER}/live:${LIVE}:ro`, '-v', `${FOLDER}/hosts:/etc/hosts:ro`, app, ...container.command],
  );
  const pid = await podman('inspect', '--format', '{{.State.Pid}}', `${POD}-app`);
  relay = spawn('nsenter', ['-t', pid, '-n', process.execPath, RELAY, '443', PORTAL, DOOR, '3000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(relay.stdout ?? relay, 'data');
}

function workload(secrets: Record<string, string>) {
  const settings = service.settings.parse({});
  const context = contextData(
    { id: 'projects', type: 'projects', host: HOST, settings },
    siteData({ administrators: ['Alice'] }),
  );
  const secret = (path: string): SecretRef => ({ secret: path });
  for (const path of ['local', 'session', 'cipher', 'client', 'ca'])
    if (secrets[path] === undefined) throw new Error(`no ${path}`);
  return service.workload(
    context,
    {
      route: { url: `https://${HOST}/` },
      database: {
        ...{ host: '127.0.0.1', port: 6432, database: 'redmine', user: 'projects' },
        password: secret('local'),
      },
      client: { issuer: ISSUER, clientId: 'projects', clientSecret: secret('client'), ca: secret('ca') },
      tile: {},
      attachments: { volume: 'attachments' },
      byName: {},
      session: { ref: secret('session') },
      cipher: { ref: secret('cipher') },
    },
    [],
  );
}

/** Writes its files, with these values. */
export function place(secrets: Record<string, string>): void {
  for (const { path, content } of workload(secrets).containers[0]?.files ?? []) {
    const file = join(FOLDER, 'live', path);
    writeFileSync(
      file,
      renderContent(content, (ref) => secrets[ref.secret] ?? ''),
      { mode: 0o400 },
    );
    chownSync(file, 10030, 10030);
  }
}

export async function signal(name: string): Promise<void> {
  await podman('kill', '-s', name, `${POD}-app`);
}

/** When the process in force began, in ticks: another one after an exec keeps it, so its command's start is asked in its log. */
export async function log(): Promise<string> {
  return await podman('logs', `${POD}-app`);
}

/** Runs a command in its container. */
export async function inApp(...command: string[]): Promise<string> {
  return await podman('exec', `${POD}-app`, ...command);
}

/** Runs SQL in Redmine's database; rows as lines. */
export async function sql(statement: string): Promise<string> {
  const psql = ['psql', '-h', '/tmp', '-p', '6432', '-U', 'postgres', '-qtA', '-v', 'ON_ERROR_STOP=1'];
  return await podman('exec', `${POD}-database`, ...psql, '-c', statement, 'redmine');
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A browser without scripts: cookies by host, addresses absolute. */
export function browser() {
  const jars = new Map<string, Map<string, string>>();

  async function send(
    method: string,
    url: string,
    form?: Record<string, string>,
    headers = {},
  ): Promise<Answer> {
    const { host, pathname, search } = new URL(url);
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    const body = form ? new URLSearchParams(form).toString() : '';
    const answer = await ask(host === HOST ? DOOR : PORTAL, host !== HOST, {
      ...{ method, path: pathname + search },
      headers: {
        ...{ host, cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
        ...(form
          ? { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
          : {}),
        'x-forwarded-proto': 'https',
        ...headers,
      },
      body,
    });
    for (const cookie of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (/expires=Thu, 01 Jan 1970|max-age=0/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  }

  return {
    jars,
    get: (url: string, headers = {}) => send('GET', url, undefined, headers),
    post: (url: string, form: Record<string, string>, headers = {}) => send('POST', url, form, headers),
    /** Goes where it is sent; signs in at the portal as `who` where it is asked. Each address it came by. */
    async follow(url: string, who?: string): Promise<Answer & { trail: string[] }> {
      const trail = [url];
      for (let at = url, hops = 0; hops < 15; hops++) {
        const answer = await send('GET', at);
        const { location } = answer.headers;
        if (answer.status < 300 || answer.status > 399 || !location) return { ...answer, trail };
        const next = new URL(location, at);
        if (next.pathname.startsWith('/enter/') && who !== undefined) next.searchParams.set('as', who);
        at = next.href;
        trail.push(at);
      }
      throw new Error(`sent in circles: ${trail.join(' ')}`);
    },
  };
}

interface Ask {
  method: string;
  path: string;
  headers: Record<string, string | number>;
  body: string;
}

async function ask(socketPath: string, tls: boolean, { body, ...options }: Ask): Promise<Answer> {
  const make = tls ? (await import('node:https')).request : request;
  const sent = make({ socketPath, rejectUnauthorized: false, agent: false, ...options } as object);
  sent.end(body);
  const [answer] = await once(sent, 'response');
  let text = '';
  for await (const chunk of answer) text += chunk;
  return { status: answer.statusCode, headers: answer.headers, body: text };
}
