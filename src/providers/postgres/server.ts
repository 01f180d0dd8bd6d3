import pg from 'pg';
import type { Reach } from '../../model/provider.ts';
import { secretRef } from '../../model/secret.ts';
import { messageOf, Transient } from '../../util/errors.ts';

const ADMIN = secretRef('postgres/admin-password');
/** Classes of SQLSTATE (appendix A) that pass by themselves: connection, login, resources, shutdown, system. */
const PASSING = ['08', '28', '53', '57', '58'];
/** SQLSTATE invalid_password: also what the server says of a role that has ended. */
const REFUSED = '28P01';

/** The site's own hand in its database server: `allod_admin`, which makes roles and databases, and reads nothing. */
export interface Server {
  /** Work on one of a few connections that are kept for ten seconds. */
  use<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /** Work on a connection of its own to a database. */
  once<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T>;
  /** Whether it lets this machine in with the newest password of all; throws Transient where it does not. */
  tryNewest(): Promise<void>;
  close(): Promise<void>;
}

/** All functions throw Transient where the server is not there, not ready or refuses the login. */
export function postgresServer(reach: Reach): Server {
  let pool: pg.Pool | undefined;
  // The store has a new password a moment before the server has: until then the one before it is right.
  let back = 0;
  const login = () => ({ user: 'allod_admin', password: passwords(reach)[back] ?? reach.reveal(ADMIN) });

  async function connect(): Promise<pg.PoolClient> {
    pool ??= createPool({ ...connectionTo(reach), ...login(), password: () => login().password });
    try {
      return await pool.connect();
    } catch (error) {
      if ((error as { code?: unknown }).code !== REFUSED) throw error;
      back = 1 - back; // where there is no other one, the same is tried again
      return await pool.connect();
    }
  }

  return {
    use: (work) =>
      transient(async () => {
        const client = await connect();
        try {
          const result = await work(client);
          client.release();
          return result;
        } catch (error) {
          client.release(true); // whatever it is in the middle of
          throw error;
        }
      }),
    once: (database, work) =>
      transient(async () => {
        const client = new pg.Client({ ...connectionTo(reach), ...login(), database });
        client.on('error', () => {}); // a server that goes away also rejects the query in flight
        try {
          await client.connect();
          return await work(client);
        } finally {
          await client.end().catch(() => {});
        }
      }),
    tryNewest() {
      back = 0;
      return this.once('postgres', async () => {});
    },
    async close() {
      await pool?.end();
    },
  };
}

function createPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({
    ...{ ...config, database: 'postgres', max: 4, idleTimeoutMillis: 10_000, allowExitOnIdle: true },
  });
  const ignore = () => {}; // a connection that was lost also rejects its query; the next one is made anew
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return pool;
}

/** The newest first. */
function passwords({ reveal, revealPrevious }: Reach): string[] {
  const previous = revealPrevious?.(ADMIN);
  return [reveal(ADMIN), ...(previous === undefined ? [] : [previous])];
}

/** Where the server is and how it is known; its certificate is checked for the name its pods know. */
export function connectionTo({ domain, address, reveal }: Reach): pg.ClientConfig {
  return {
    host: address,
    port: 5432,
    ssl: {
      ca: reveal(secretRef('ca/root/certificate')),
      servername: `postgres.${domain}`,
      minVersion: 'TLSv1.3',
    },
    connectionTimeoutMillis: 5000,
    statement_timeout: 30_000,
    application_name: 'allod',
  };
}

/** Says of errors that pass by themselves that they do. */
export async function transient<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw passing(error) ? new Transient(`database server: ${messageOf(error)}`, { cause: error }) : error;
  }
}

function passing(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return /timeout|terminated/i.test(messageOf(error));
  return !/^[0-9A-Z]{5}$/.test(code) || PASSING.includes(code.slice(0, 2));
}
