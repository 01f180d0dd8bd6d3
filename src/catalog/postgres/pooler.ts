import type { DatabaseRequest } from '../../contracts/database.ts';
import type { LoginRefs } from '../../model/database.ts';
import { concat, text } from '../../model/files.ts';
import type { Container } from '../../model/pod.ts';
import type { SecretRef } from '../../model/secret.ts';

export const POOLER_PORT = 6432;

/** Where its socket is, for this machine to tell it of a new login and see which one is in use. */
const RUN = '/run/pgbouncer';
/** A user and a database of its own for that: no question waits for a session of the app's. No app's have capitals. */
const CONSOLE = 'Allod';
const PROOF = 'Allod_proof';

export interface PoolerSettings {
  /**
   * Address of the server, in its certificate too. Not its name: c-ares, which PgBouncer looks names up
   * with, takes every name below `.localhost` for this very pod (RFC 6761 section 6.3).
   */
  address: string;
  /** Databases by the name the app knows. */
  databases: { name: string; onServer: string; pooling: NonNullable<DatabaseRequest['pooling']> }[];
  /** The app's login at the pooler: it never changes. */
  local: { user: string; password: SecretRef };
  /** This machine's login at the pooler. */
  console: SecretRef;
  /** The pooler's login at the server: it rotates. */
  login: LoginRefs;
  ca: SecretRef;
}

/**
 * PgBouncer beside the app. A server that went away with its pod answers nothing at all: it is asked again
 * every three seconds. `server_login_retry = 0`, prepared statements kept by the pooler and a reload in the right
 * moment (decision 0013) are what lets the server login change under running clients: no failed transaction.
 */
export function pooler(settings: PoolerSettings): Container {
  const { address, databases, local, login, ca } = settings;
  const console = { scratch: 0, port: POOLER_PORT, user: CONSOLE, password: settings.console };
  let lines = text`[databases]\n`;
  const first = databases
    .slice(0, 1)
    .map((database) => ({ ...database, name: PROOF, pooling: 'transaction' }));
  for (const { name, onServer, pooling } of [...databases, ...first])
    lines = concat(
      lines,
      text`${name} = host=${address} port=5432 dbname='${onServer}' user='${login.role}' password='${login.password}' pool_mode=${pooling}${name === PROOF ? ' pool_size=1' : ''}\n`,
    );
  return {
    name: 'pgbouncer',
    image: 'pgbouncer',
    command: ['/usr/lib/allod/pgbouncer'],
    user: 10064,
    memory: 32,
    files: [
      { path: 'pgbouncer.ini', content: concat(lines, text`${FIXED}`) },
      {
        path: 'userlist.txt',
        content: text`"${local.user}" "${local.password}"\n"${CONSOLE}" "${settings.console}"\n`,
      },
      { path: 'ca.pem', content: text`${ca}` },
    ],
    mounts: [],
    scratch: [RUN],
    reload: { how: 'pooler', console },
    proofs: [{ kind: 'pooler', console, database: PROOF, role: login.role }],
  };
}

const FIXED = `
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${POOLER_PORT}
unix_socket_dir = ${RUN}
auth_type = scram-sha-256
auth_file = /etc/allod/live/userlist.txt
admin_users = ${CONSOLE}
max_client_conn = 100
default_pool_size = 10
max_prepared_statements = 200
server_login_retry = 0
server_connect_timeout = 3
server_tls_sslmode = verify-full
server_tls_ca_file = /etc/allod/live/ca.pem
server_tls_protocols = tlsv1.3
ignore_startup_parameters = extra_float_digits
log_connections = 0
log_disconnections = 0
log_stats = 0
`;

/** /usr/lib/allod/pgbouncer. TERM would make it wait for clients; the app ends with it, so it may go at once. */
export const poolerScript = `#!/bin/sh
/usr/sbin/pgbouncer /etc/allod/live/pgbouncer.ini &
pooler=$!
trap 'kill -QUIT $pooler' TERM INT
trap 'kill -HUP $pooler' HUP
while kill -0 $pooler 2>/dev/null; do
  code=0
  wait $pooler || code=$?
done
exit $code
`;
