import { type ClientBase, escapeIdentifier as id, escapeLiteral as text } from 'pg';
import type { DatabaseSpec } from '../../model/database.ts';
import { PersonFault } from '../../util/errors.ts';
import { formatMark, KEPT, LOGIN, parseMark, STARTED } from './mark.ts';

/**
 * Makes owner and databases as the spec says, whatever of them is there.
 * Each step may be the last one of a killed run. Throws PersonFault where a name is somebody else's.
 */
export function holdDatabases(
  domain: string,
  resource: string,
  { owner, databases }: DatabaseSpec,
): (client: ClientBase) => Promise<void> {
  return async (client) => {
    await client.query('begin');
    await client.query("select pg_advisory_xact_lock(hashtext('allod'))");
    await holdOwner();
    await client.query(`alter role ${id(owner)} nologin`);
    await client.query('commit');
    // CREATE DATABASE stands outside of transactions; who owns it says whose it is.
    for (const database of databases) await holdDatabase(database);

    async function holdOwner(): Promise<void> {
      const { rows } = await client.query<{ mark: string | null }>(
        "select shobj_description(oid, 'pg_authid') as mark from pg_roles where rolname = $1",
        [owner],
      );
      const [found] = rows;
      if (found) {
        const mark = parseMark(found.mark);
        if (mark?.domain !== domain || mark.resource !== resource) throw taken('role', owner);
      } else {
        // The right to act as the owner, for creating its databases; not to read what is in them.
        await client.query("set local createrole_self_grant = 'set'");
        await client.query(`create role ${id(owner)}`);
      }
      await markOwner(domain, resource, owner, STARTED)(client);
    }

    async function holdDatabase(name: string): Promise<void> {
      const { rows } = await client.query<{ owner: string }>(
        'select pg_get_userbyid(datdba) as owner from pg_database where datname = $1',
        [name],
      );
      if (rows[0] && rows[0].owner !== owner) throw taken('database', name);
      if (!rows[0]) await client.query(`create database ${id(name)} owner ${id(owner)}`);
      await client.query(`set role ${id(owner)}`);
      await client.query(`revoke connect, temporary on database ${id(name)} from public`);
      await client.query('reset role');
    }
  };
}

/** Says of a role whose it is, and how far it is made. */
export function markOwner(
  domain: string,
  resource: string,
  role: string,
  state: string,
): (client: ClientBase) => Promise<void> {
  return async (client) => {
    const mark = formatMark({ domain, resource, state });
    await client.query(`comment on role ${id(role)} is ${text(mark)}`);
  };
}

/** Takes the logins of a removed service away, ends their sessions and keeps its data. */
export function parkDatabases(domain: string, resource: string): (client: ClientBase) => Promise<void> {
  return async (client) => {
    const { rows } = await client.query<{ role: string; mark: string }>(
      "select rolname as role, shobj_description(oid, 'pg_authid') as mark from pg_roles where starts_with(shobj_description(oid, 'pg_authid'), $1)",
      [formatMark({ domain, resource, state: '' })],
    );
    await client.query('begin');
    for (const { role, mark } of rows) {
      if (parseMark(mark)?.state === LOGIN) await client.query(`alter role ${id(role)} nologin`);
      else {
        const kept = formatMark({ domain, resource, state: KEPT });
        await client.query(`comment on role ${id(role)} is ${text(kept)}`);
      }
    }
    await client.query('commit');
    for (const { role } of rows)
      await client.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role]);
  };
}

function taken(what: string, name: string): PersonFault {
  return new PersonFault({
    where: 'database server',
    message: `expected no ${what} ${name} or one this site made; got one without its mark; try renaming or dropping it`,
  });
}
