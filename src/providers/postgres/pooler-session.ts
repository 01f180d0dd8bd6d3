import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Transient } from '../../util/errors.ts';
import { transient } from './server.ts';

/** A pooler on this machine, by its socket, and a user of its console. */
export interface Pooler {
  /** Directory of the socket. */
  directory: string;
  port: number;
  user: string;
  password: string;
}

/** ms a reload waits for logins to come to their end. */
const PATIENCE = 3000;
/** SQLSTATEs of a user that is not let in. */
const REFUSED = ['28P01', '08P01', '28000'];

/** Throws Transient unless a session through the pooler, in one of its databases, is one of this role. */
export async function provePooler(pooler: Pooler, database: string, role: string): Promise<void> {
  await withPooler(pooler, database, async (client) => {
    // The session's user is who logged in; the current one is the owner.
    const { rows } = await client.query<{ session: string }>('select session_user as session');
    const session = rows[0]?.session;
    if (session !== role) throw new Transient(`the pooler still logs in as ${session}`);
  });
}

/**
 * Has the pooler read its configuration again while no login of it is half way: one that is dropped by a reload counts
 * as a failed one, for which it refuses clients that come before the next is through (decision 0013). False where it
 * does not let this machine in; throws Transient where it is not there.
 */
export async function reloadPooler(pooler: Pooler): Promise<boolean> {
  try {
    await withPooler(pooler, 'pgbouncer', async (client) => {
      const { rows: databases } = await client.query<{ name: string; pool_size: string }>('show databases');
      const sizes = new Map(databases.map(({ name, pool_size }) => [name, Number(pool_size)]));
      for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(3)) {
        const { rows } = await client.query<PoolRow>('show pools');
        if (rows.every((pool) => isSettled(pool, sizes.get(pool.database) ?? 0))) break;
      }
      await client.query('reload');
    });
    return true;
  } catch (error) {
    if (REFUSED.includes(((error as Error).cause as { code?: string } | undefined)?.code ?? '')) return false;
    throw error;
  }
}

/** Numbers come as text. */
interface PoolRow {
  database: string;
  cl_waiting: string;
  sv_active: string;
  sv_idle: string;
  sv_used: string;
  sv_login: string;
}

/** No login is under way, and none is about to be: nobody waits, or there is no place for one more. */
function isSettled(pool: PoolRow, size: number): boolean {
  const servers = Number(pool.sv_active) + Number(pool.sv_idle) + Number(pool.sv_used);
  return Number(pool.sv_login) === 0 && (Number(pool.cl_waiting) === 0 || servers >= size);
}

async function withPooler(
  { directory, port, user, password }: Pooler,
  database: string,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  let folder: number;
  try {
    folder = openSync(directory, 'r');
  } catch {
    throw new Transient(`there is no pooler in ${directory}`);
  }
  // By descriptor: the path of a socket may have 107 bytes (unix(7)), and ours may be longer.
  const host = `/proc/self/fd/${folder}`;
  const timeouts = { connectionTimeoutMillis: 3000, query_timeout: 3000 };
  const client = new pg.Client({ host, port, user, password, database, ...timeouts });
  client.on('error', () => {});
  try {
    await transient(async () => {
      await client.connect();
      await work(client);
    });
  } finally {
    await client.end().catch(() => {});
    closeSync(folder);
  }
}
