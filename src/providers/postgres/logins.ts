import pg, { type ClientBase, escapeIdentifier as id, escapeLiteral as text } from 'pg';
import type { FoundLogin, Login, LoginConsumer, LoginServer } from '../../model/login.ts';
import type { Reach } from '../../model/provider.ts';
import { formatMark, LOGIN, parseMark } from './mark.ts';
import { scramVerifier } from './scram.ts';
import { connectionTo, type Server, transient } from './server.ts';

/** A password of 256 random bits cannot be guessed: stretching it would cost every connection and win nothing. */
const ITERATIONS = 1;
/** Sessions of one login, for each of its databases: the pooler's, and those that stay while it is told anew. */
const SESSIONS = 25;
/** ms that a session which was ended may take to go. */
const PATIENCE = 5000;
const DEPENDENT = '2BP01';
const TAKEN = ['42710', '23505'];

/** Logins at the site's PostgreSQL server: members of an owner, without a right of their own. */
export function postgresLogins(server: Server, reach: Reach): LoginServer {
  const { domain } = reach;

  return {
    make: (consumer, login) =>
      server.use(async (client) => {
        try {
          await client.query(`create role ${id(login.role)}; ${attributes(domain, consumer, login)}`);
        } catch (error) {
          if (!TAKEN.includes((error as { code?: string }).code ?? '')) throw error;
          await client.query(attributes(domain, consumer, login));
        }
      }),

    async tryOut({ owner, databases }, { role, password }) {
      const client = new pg.Client({ ...connectionTo(reach), database: databases[0], user: role, password });
      client.on('error', () => {});
      await transient(async () => {
        await client.connect();
        const { rows } = await client.query<{ acts: string }>('select current_user as acts');
        if (rows[0]?.acts !== owner) throw new Error(`${role} acts as ${rows[0]?.acts}, not as ${owner}`);
      }).finally(() => client.end().catch(() => {}));
    },

    extend: (role, expires) =>
      server.use(async (client) => {
        await client.query(`alter role ${id(role)} valid until ${until(expires)}`);
      }),

    sessions: (role) =>
      server.use(async (client) => {
        const { rows } = await client.query<{ n: number }>(
          'select count(*)::int as n from pg_stat_activity where usename = $1',
          [role],
        );
        return rows[0]?.n ?? 0;
      }),

    lock: (role) =>
      server.use(async (client) => {
        if (await exists(client, role)) await client.query(`alter role ${id(role)} nologin`);
      }),

    endSessions: (role) =>
      server.use(async (client) => {
        const { rows } = await client.query(
          'select pg_terminate_backend(pid, $2) from pg_stat_activity where usename = $1',
          [role, PATIENCE],
        );
        return rows.length;
      }),

    drop: (role) =>
      server.use(async (client) => {
        try {
          await client.query(`drop role if exists ${id(role)}`);
        } catch (error) {
          if ((error as { code?: string }).code !== DEPENDENT) throw error;
          await handOver(client, role);
          await client.query(`drop role ${id(role)}`);
        }
      }),

    find: () =>
      server.use(async (client) => {
        const { rows } = await client.query<Row>(FIND, [`allod ${domain} `]);
        return rows.flatMap(toFound);
      }),
  };

  /** What a login made in its own name, by a RESET ROLE, becomes the owner's, database by database. */
  async function handOver(client: ClientBase, role: string): Promise<void> {
    const { rows } = await client.query<{ owner: string; databases: string[] }>(OWNED, [role]);
    for (const { owner, databases } of rows) {
      // The site's own hand may do in the owner's name what it does here, and for as long as this takes.
      for (const group of [owner, role])
        await client.query(`grant ${id(group)} to allod_admin with inherit true, set true`);
      for (const database of databases)
        await server.once(database, async (inside) => {
          await inside.query(`reassign owned by ${id(role)} to ${id(owner)}`);
          await inside.query(`drop owned by ${id(role)}`);
        });
      await client.query(`grant ${id(owner)} to allod_admin with inherit false`);
    }
  }
}

/** Everything that makes a role a login of ours. It may be said of one that is so already. */
function attributes(domain: string, { service, owner, databases }: LoginConsumer, login: Login): string {
  const { role, password, expires } = login;
  const verifier = text(scramVerifier(password, undefined, ITERATIONS));
  return [
    `alter role ${id(role)} login password ${verifier} valid until ${until(expires)}`,
    `alter role ${id(role)} connection limit ${SESSIONS * databases.length}`,
    `grant ${id(owner)} to ${id(role)}`,
    `alter role ${id(role)} set role = ${text(owner)}`,
    `comment on role ${id(role)} is ${text(formatMark({ domain, resource: service, state: LOGIN }))}`,
  ].join('; ');
}

function until(expires: number): string {
  return text(new Date(expires).toISOString());
}

async function exists(client: ClientBase, role: string): Promise<boolean> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
  return rowCount === 1;
}

interface Row {
  role: string;
  mark: string;
  mayLogIn: boolean;
  expires: string | null;
}

function toFound({ role, mark, mayLogIn, expires }: Row): FoundLogin[] {
  const parsed = parseMark(mark);
  if (parsed?.state !== LOGIN) return [];
  const ends = expires === null ? {} : { expires: Number(expires) };
  return [{ role, service: parsed.resource, mayLogIn, ...ends }];
}

const FIND = `
select rolname as role, shobj_description(oid, 'pg_authid') as mark, rolcanlogin as "mayLogIn",
       (extract(epoch from rolvaliduntil) * 1000)::bigint as expires
  from pg_roles where starts_with(shobj_description(oid, 'pg_authid'), $1)`;

const OWNED = `
select g.rolname as owner,
       array(select d.datname::text from pg_database d where d.datdba = g.oid order by 1) as databases
  from pg_auth_members m join pg_roles g on g.oid = m.roleid join pg_roles r on r.oid = m.member
 where r.rolname = $1`;
