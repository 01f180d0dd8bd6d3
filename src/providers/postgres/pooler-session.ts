import { closeSync, openSync } from 'node:fs';
import pg from 'pg';
import { Transient } from '../../util/errors.ts';
import { reloadUnnoticed } from './pooler-reload.ts';
import { transient } from './server.ts';

/** A pooler on this machine, by its socket, and a user of its admin. */
export interface Pooler {
  /** Directory of the socket. */
  directory: string;
  port: number;
  user: string;
  password: string;
}

/** The database that is the admin. */
const CONSOLE = 'pgbouncer';
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
 * Has the pooler read its configuration again, so that no client notices. False where it does not let this machine in;
 * throws Transient where it is not there.
 */
export async function reloadPooler(pooler: Pooler): Promise<boolean> {
  try {
    await withPooler(pooler, CONSOLE, (admin) =>
      withPooler(pooler, CONSOLE, (helper) => reloadUnnoticed(admin, helper)),
    );
    return true;
  } catch (error) {
    if (REFUSED.includes(((error as Error).cause as { code?: string } | undefined)?.code ?? '')) return false;
    throw error;
  }
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
