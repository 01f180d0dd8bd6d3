import { z } from 'zod';
import { certificate, siteCa } from '../../contracts/certificate.ts';
import type { Requests } from '../../contracts/contracts.ts';
import type { DatabaseRequest, DatabaseResult } from '../../contracts/database.ts';
import { secret } from '../../contracts/secret.ts';
import { type Context, defineService, type Fulfilment } from '../../contracts/service.ts';
import { volume } from '../../contracts/volume.ts';
import type { DatabaseSpec } from '../../model/database.ts';
import { fingerprint } from '../../model/fingerprint.ts';
import { secretRef } from '../../model/secret.ts';
import { POOLER_PORT, pooler, poolerScript } from './pooler.ts';
import { PROBE_ROLE, serverFiles } from './server.ts';
import { adminSql, startScript } from './start.ts';

const Settings = z.strictObject({
  memory: z
    .int()
    .min(192)
    .max(65_536)
    .default(384)
    .describe('Limit of the server in MiB; a quarter of it is cache.'),
  connections: z
    .int()
    .min(20)
    .max(1000)
    .default(100)
    .describe('Sessions at the same time, all services together.'),
});

export const service = defineService({
  type: 'postgres',
  title: 'Database server',
  settings: Settings,
  images: [
    {
      name: 'postgres',
      packages: ['postgresql-17'],
      users: [{ name: 'postgres', uid: 10054, home: '/var/lib/postgresql' }],
      files: {
        '/usr/lib/allod/postgres': { mode: 0o755, text: startScript },
        '/usr/lib/allod/postgres-admin.sql': { mode: 0o644, text: adminSql },
        // Installed, the package would make a cluster of its own; ours stands on the volume.
        '/etc/postgresql-common/createcluster.d/allod.conf': {
          mode: 0o644,
          text: 'create_main_cluster = false\n',
        },
      },
      run: [],
    },
    {
      name: 'pgbouncer',
      packages: ['pgbouncer'],
      users: [{ name: 'pgbouncer', uid: 10064, home: '/nonexistent' }],
      files: { '/usr/lib/allod/pgbouncer': { mode: 0o755, text: poolerScript } },
      run: [],
    },
  ],
  requests({ site, service }) {
    return {
      data: volume({ name: 'data', owner: 10054, why: 'the databases of all services' }),
      admin: secret({ name: 'admin-password', why: 'this machine makes databases and logins with it' }),
      tls: certificate({
        names: hostNames(site.domain, service),
        why: 'services check whom they send their data to',
      }),
    };
  },
  workload({ site, service: { settings } }, got) {
    const { pool } = site.network.ipv6;
    return {
      containers: [
        {
          name: 'app',
          image: 'postgres',
          command: ['/usr/lib/allod/postgres'],
          user: 10054,
          memory: settings.memory,
          files: serverFiles({ ...settings, pool }, got.tls, got.admin.ref),
          mounts: [{ volume: got.data.volume, path: '/var/lib/postgresql' }],
          scratch: ['/run/postgresql', '/tmp'],
          reload: { how: 'signal', signal: 'HUP' },
        },
      ],
      probe: {
        kind: 'exchange',
        port: 5432,
        send: startupMessage(PROBE_ROLE, 'postgres'),
        expect: ACCEPTING,
      },
    };
  },
  provides: { contracts: ['database'], fulfil },
});

function fulfil(provider: Context, consumer: Context, requests: Requests): Fulfilment {
  const { id } = consumer.service;
  const host = `${provider.service.id}.${provider.site.domain}`;
  const local = { user: id, password: secretRef(`${id}/database-local`) };
  const login = { user: identifier(`${id}_login`), password: secretRef(`${id}/database-login`) };
  const wanted = Object.entries(requests).filter(
    (entry): entry is [string, DatabaseRequest] => entry[1].contract === 'database',
  );
  const databases = wanted.map(([, { name, pooling = 'transaction' }]) => ({
    name,
    onServer: identifier(`${id}_${name}`),
    pooling,
  }));
  const spec: DatabaseSpec = {
    owner: identifier(id),
    login: login.user,
    password: login.password,
    databases: databases.map(({ onServer }) => onServer),
  };
  return {
    results: Object.fromEntries(
      wanted.map(([key, { name }]): [string, DatabaseResult] => [
        key,
        { host: '127.0.0.1', port: POOLER_PORT, database: name, ...local },
      ]),
    ),
    containers: [pooler({ host, databases, local, login, ca: siteCa })],
    requests: {
      local: secret({ name: 'database-local', why: 'the app logs in to the pooler in its pod with it' }),
      login: secret({ name: 'database-login', why: 'the pooler logs in to the database server with it' }),
    },
    resources: [
      {
        kind: 'database',
        name: id,
        spec,
        rule: 'database',
        sentence: wanted.map(([, { why }]) => why).join('; '),
      },
    ],
    allow: [
      {
        from: id,
        to: provider.service.id,
        port: 5432,
        protocol: 'tcp',
        why: 'the pooler connects to the database server',
      },
    ],
  };
}

/** The name under which the site's services know the server, and its own host name where that differs. */
function hostNames(domain: string, { id, host }: { id: string; host: string }): [string, ...string[]] {
  const known = `${id}.${domain}`;
  return host === known ? [known] : [known, host];
}

/** Service ids have no underscore, so `id_name` is unambiguous; PostgreSQL keeps 63 bytes of a name. */
function identifier(name: string): string {
  return name.length <= 63 ? name : `${name.slice(0, 46)}_${fingerprint(name)}`;
}

/** PostgreSQL protocol 3.0 StartupMessage (chapter 53.7), in hex. */
function startupMessage(user: string, database: string): string {
  const body = Buffer.from(`\0\x03\0\0user\0${user}\0database\0${database}\0\0`, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([length, body]).toString('hex');
}

/**
 * Healthy as pg_isready sees it: the server asks for a password (AuthenticationSASL), or says that all
 * connections are taken (53300). A server that starts, stops or recovers answers 57P03.
 */
const ACCEPTING = '^52[0-9a-f]{8}0000000a|^45(..)*0043353333303000';
