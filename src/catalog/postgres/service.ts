import { z } from 'zod';
import { certificate } from '../../contracts/certificate.ts';
import { secret } from '../../contracts/secret.ts';
import { defineService } from '../../contracts/service.ts';
import { volume } from '../../contracts/volume.ts';
import { fulfil } from './fulfil.ts';
import { poolerScript } from './pooler.ts';
import { accepting } from './probe.ts';
import { serverFiles } from './server.ts';
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
  requests({ site, service, address }) {
    return {
      data: volume({ name: 'data', owner: 10054, why: 'the databases of all services' }),
      admin: secret({
        name: 'admin-password',
        // No more often than everything is looked at.
        rotation: { every: Math.max(site.secrets.logins.period, 300) },
        why: 'this machine makes databases and logins with it',
      }),
      tls: certificate({
        names: hostNames(site.domain, service),
        addresses: [address()],
        why: 'services check whom they send their data to',
      }),
    };
  },
  workload({ site, inner: { pool }, service: { settings } }, got) {
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
          proofs: [
            {
              kind: 'certificate',
              file: 'tls.crt',
              host: `postgres.${site.domain}`,
              port: 5432,
              startTls: 'postgres',
            },
            { kind: 'administrator' },
          ],
        },
      ],
      probe: accepting,
    };
  },
  provides: { contracts: ['database'], fulfil },
});

/** The name under which the site's services know the server, and its own host name where that differs. */
function hostNames(domain: string, { id, host }: { id: string; host: string }): [string, ...string[]] {
  const known = `${id}.${domain}`;
  return host === known ? [known] : [known, host];
}
