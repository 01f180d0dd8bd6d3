import pg from 'pg';
import type { Reach } from '../../model/provider.ts';
import { secretRef } from '../../model/secret.ts';
import { messageOf, Transient } from '../../util/errors.ts';

/** Classes of SQLSTATE (appendix A) that pass by themselves: connection, login, resources, shutdown, system. */
const PASSING = ['08', '28', '53', '57', '58'];

/**
 * Runs `work` on one connection as `allod_admin`, the server's certificate checked for the name its pods
 * know, and closes it. Throws Transient where the server is not there, not ready or refuses the login.
 */
export async function withServer<T>(
  { domain, address, reveal }: Reach,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: address,
    port: 5432,
    database: 'postgres',
    user: 'allod_admin',
    password: reveal(secretRef('postgres/admin-password')),
    ssl: {
      ca: reveal(secretRef('ca/root/certificate')),
      servername: `postgres.${domain}`,
      minVersion: 'TLSv1.3',
    },
    connectionTimeoutMillis: 5000,
    statement_timeout: 30_000,
    application_name: 'allod',
  });
  client.on('error', () => {}); // a server that goes away also rejects the query in flight
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw passing(error) ? new Transient(`database server: ${messageOf(error)}`, { cause: error }) : error;
  } finally {
    await client.end().catch(() => {});
  }
}

function passing(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return /timeout|terminated/i.test(messageOf(error));
  return !/^[0-9A-Z]{5}$/.test(code) || PASSING.includes(code.slice(0, 2));
}
