import { closeSync, openSync } from 'node:fs';
import pg from 'pg';
import { Transient } from '../../util/errors.ts';
import { transient } from './server.ts';

/** A pooler on this machine, by its socket. */
export interface Pooler {
  /** Directory of the socket. */
  directory: string;
  port: number;
  database: string;
  user: string;
  password: string;
}

/** Throws Transient unless a session through the pooler is one of this role. */
export async function provePooler({ directory, ...pooler }: Pooler, role: string): Promise<void> {
  const { session } = await asked(directory, pooler);
  if (session !== role) throw new Transient(`the pooler still logs in as ${session}`);
}

async function asked(directory: string, pooler: Omit<Pooler, 'directory'>): Promise<{ session: string }> {
  let folder: number;
  try {
    folder = openSync(directory, 'r');
  } catch {
    throw new Transient(`there is no pooler in ${directory}`);
  }
  // By descriptor: the path of a socket may have 107 bytes (unix(7)), and ours may be longer.
  const host = `/proc/self/fd/${folder}`;
  const client = new pg.Client({ ...pooler, host, connectionTimeoutMillis: 3000, query_timeout: 3000 });
  client.on('error', () => {});
  try {
    return await transient(async () => {
      await client.connect();
      // The session's user is who logged in; the current one is the owner.
      const { rows } = await client.query<{ session: string }>('select session_user as session');
      return rows[0] ?? { session: 'nobody' };
    });
  } finally {
    await client.end().catch(() => {});
    closeSync(folder);
  }
}
