import { resolve } from 'node:path';
import { z } from 'zod';
import type { LoginTarget } from '../bench/login-load.ts';
import { POOLER_PORT } from '../catalog/postgres/pooler.ts';
import { database } from '../contracts/database.ts';
import { defineService } from '../contracts/service.ts';
import { containerName, podman as createPodman, podName } from '../engines/podman/podman.ts';
import { loginRefs } from '../model/database.ts';
import type { Layout } from '../model/layout.ts';
import { layoutOf } from '../model/layout.ts';
import type { LoginTimes } from '../model/site.ts';
import type { Catalog } from '../plan/resolve.ts';
import { type Converged, converge } from '../reconcile/converge.ts';
import { Rotator } from '../secrets/leases/rotator.ts';
import { readSite } from '../site/read.ts';
import { type Composed, compose, type Installation } from './compose.ts';
import { closeInstallation, mountRun, openInstallation, unmountRun } from './install.ts';
import { takeDown } from './take-down.ts';
import { tended } from './tended.ts';

export interface StageOptions {
  /** Where sites are kept. */
  state: string;
  domain: string;
  pool: string;
  times: LoginTimes;
  log(text: string): void;
}

/** The real database server and one service with nothing but databases, each in its pod, their logins looked after. */
export interface LoginStage {
  world: Composed;
  layout: Layout;
  installation: Installation;
  rotator: Rotator;
  up(): Promise<Converged>;
  /** What a load is put on. */
  target(): LoginTarget;
  /** The login the pooler has at the server. */
  held(): { role: string; password: string };
  /** Ends the keeping; the pods go on. */
  leave(): void;
  destroy(): Promise<void>;
}

/** Named like this in the site. */
export const CLIENT = 'client';
/** Databases by the name the client knows. */
export const TRANSACTIONS = 'transactions';
export const SESSIONS = 'sessions';

const PORT = 8007;
/** Something to answer the probe, of what every image has. */
const ANSWER = `$SIG{TERM} = sub { exit }; socket(S, AF_INET6, SOCK_STREAM, 0); setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);
bind(S, pack_sockaddr_in6(${PORT}, "\\0" x 16)) or die $!; listen(S, 9); close(C) while accept(C, S)`;

const client = defineService({
  type: CLIENT,
  title: 'A service with databases',
  settings: z.strictObject({}),
  images: [],
  requests: () => ({
    transactions: database({ name: TRANSACTIONS, why: 'statements and short transactions' }),
    sessions: database({ name: SESSIONS, pooling: 'session', why: 'what keeps state in a session' }),
  }),
  workload: () => ({
    containers: [
      {
        name: 'app',
        image: 'pgbouncer',
        command: ['perl', '-MSocket', '-e', ANSWER],
        user: 10064,
        memory: 64,
        files: [],
        mounts: [],
        scratch: [],
        reload: { how: 'restart' },
      },
    ],
    probe: { kind: 'tcp', port: PORT },
  }),
});

function siteText({ domain, pool, times }: StageOptions): string {
  return `version: 1
domain: ${domain}
network: { ipv6: { pool: ${pool} }, ipv4: { address: 127.0.0.1 } }
secrets: { logins: { period: ${times.period}s, drain: ${times.drain}s, lifetime: ${times.lifetime}s } }
services: { ${CLIENT}: {} }
`;
}

/** Opens the stage; nothing runs before `up`. Whoever opens it again after a kill goes on where it was. */
export async function openLoginStage(catalog: Catalog, options: StageOptions): Promise<LoginStage> {
  const { domain, log } = options;
  const postgres = catalog.get('postgres');
  if (!postgres) throw new Error('the catalog has no postgres');
  const own = new Map([
    ['postgres', postgres],
    [CLIENT, client],
  ]) as Catalog;
  const site = readSite(Buffer.from(siteText(options)), 'site.yaml', own);
  const layout = layoutOf(resolve(options.state), domain);
  const installation = await openInstallation(layout, own);
  await mountRun(layout);
  const rotator = new Rotator();
  const world = tended(compose(site, installation, log), rotator);
  const podman = createPodman(installation.containersConf);
  const value = (path: string) => installation.store.get(path)?.reveal() ?? '';

  function held(): { role: string; password: string } {
    const refs = loginRefs(CLIENT);
    return { role: value(refs.role.secret), password: value(refs.password.secret) };
  }

  /** In the network of the client's pod; the password goes in by standard input. */
  async function pgbench(args: string[], password: string): Promise<string> {
    const image = (
      await podman(['inspect', '--format', '{{.ImageName}}', containerName(domain, 'postgres', 'app')])
    ).trim();
    const script = 'read -r PGPASSWORD; export PGPASSWORD; exec /usr/lib/postgresql/17/bin/pgbench "$@"';
    return await podman(
      [
        ...['run', '--rm', '-i', '--pod', podName(domain, CLIENT)],
        ...['--entrypoint', 'sh', image, '-c', script, 'pgbench', ...args],
      ],
      { input: `${password}\n` },
    );
  }

  return {
    ...{ world, layout, installation, rotator },
    async up() {
      const result = await converge(world, () => {});
      world.tend(result.desired.resources);
      return result;
    },
    target: () => ({
      pooler: {
        host: layout.scratch(CLIENT, 'pgbouncer', 0),
        port: POOLER_PORT,
        user: CLIENT,
        password: value(`${CLIENT}/database-local`),
      },
      databases: { transactions: TRANSACTIONS, sessions: SESSIONS },
      pgbench(args, database) {
        const at = ['-h', '127.0.0.1', '-p', String(POOLER_PORT), '-U', CLIENT];
        return pgbench([...args, ...at, database], value(`${CLIENT}/database-local`));
      },
      pgbenchDirect(args) {
        const { role, password } = held();
        const at = ['-h', world.addressOf('postgres'), '-U', role];
        return pgbench([...args, ...at, `${CLIENT}_${TRANSACTIONS}`], password);
      },
      async ask(name, sql) {
        const psql = ['psql', '-U', 'postgres', '-AtXc', sql, `${CLIENT}_${name}`];
        return (await podman(['exec', containerName(domain, 'postgres', 'app'), ...psql]))
          .split('\n')
          .slice(0, -1);
      },
    }),
    held,
    leave() {
      rotator.stop();
      closeInstallation(installation);
    },
    async destroy() {
      rotator.stop();
      await takeDown(domain, installation, () => {});
      closeInstallation(installation);
      await unmountRun(layout);
    },
  };
}
