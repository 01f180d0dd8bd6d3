import { type FileSpec, text } from '../../model/files.ts';
import type { SecretRef } from '../../model/secret.ts';

/** What the server's own configuration depends on. `memory`: the container's limit in MiB. */
export interface ServerSettings {
  memory: number;
  connections: number;
  /** IPv6 prefix the site's pods and this machine connect from. */
  pool: string;
}

/** The role the probe names. It does not exist: the server asks for its password and the probe hangs up. */
export const PROBE_ROLE = 'allod_probe';

/** postgresql.conf and pg_hba.conf (PostgreSQL 17, chapters 19 and 20.1). */
export function serverFiles(
  settings: ServerSettings,
  tls: { chain: SecretRef; key: SecretRef },
  password: SecretRef,
): FileSpec[] {
  return [
    { path: 'postgresql.conf', content: text`${serverConf(settings)}` },
    { path: 'pg_hba.conf', content: text`${accessConf(settings.pool)}` },
    { path: 'tls.crt', content: text`${tls.chain}` },
    { path: 'tls.key', content: text`${tls.key}` },
    { path: 'admin-password', content: text`${password}` },
  ];
}

function serverConf({ memory, connections }: ServerSettings): string {
  return `listen_addresses = '::'
port = 5432
unix_socket_directories = '/run/postgresql'
unix_socket_permissions = 0700
hba_file = '/etc/allod/live/pg_hba.conf'
allow_alter_system = off
max_connections = ${connections}
superuser_reserved_connections = 3
reserved_connections = 5

ssl = on
ssl_min_protocol_version = 'TLSv1.3'
ssl_cert_file = '/etc/allod/live/tls.crt'
ssl_key_file = '/etc/allod/live/tls.key'
password_encryption = 'scram-sha-256'

# A quarter of the limit is the server's own cache; the kernel's page cache counts to the limit too.
shared_buffers = '${Math.floor(memory / 4)}MB'
effective_cache_size = '${Math.floor(memory / 2)}MB'
maintenance_work_mem = '${Math.max(16, Math.floor(memory / 16))}MB'
work_mem = '4MB'
huge_pages = off
jit = off
max_wal_size = '512MB'
wal_compression = on
checkpoint_timeout = '15min'

log_destination = 'stderr'
log_line_prefix = '[%p] %q%u@%d '
log_timezone = 'UTC'
timezone = 'UTC'
datestyle = 'iso, ymd'
`;
}

/** Pods and this machine come from the pool; the local socket is for the server's own uid alone. */
function accessConf(pool: string): string {
  return `local     all       postgres               peer
local     all       all                    reject
host      all       postgres     all       reject
hostnossl postgres  ${PROBE_ROLE}  ${pool}  scram-sha-256
hostssl   all       all          ${pool}  scram-sha-256
`;
}
