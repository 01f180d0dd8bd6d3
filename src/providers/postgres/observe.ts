import type { ClientBase } from 'pg';
import type { DatabaseSpec } from '../../model/database.ts';
import type { HeldLogin } from '../../model/login.ts';
import { KEPT, LOGIN, parseMark } from './mark.ts';
import { verifies } from './scram.ts';

interface Role {
  name: string;
  mark: string;
  canLogin: boolean;
  verifier: string | null;
  /** Its time is over. */
  ended: boolean;
  /** Settings of the role, `name=value`. */
  config: string[];
  /** Names of the roles it is a member of. */
  memberOf: string[];
}

interface Database {
  name: string;
  owner: string;
  open: boolean;
}

export interface Found {
  /** Name of the resource. */
  name: string;
  fingerprint: string;
  /** One clause for a person where the server differs from the spec. */
  driftOf(spec: DatabaseSpec, login: HeldLogin): string | undefined;
}

/** What carries the site's mark in the server, kept data of removed services left out. */
export function readServer(domain: string): (client: ClientBase) => Promise<Found[]> {
  return async (client) => {
    const { rows: roles } = await client.query<Role>(ROLES, [`allod ${domain} `]);
    const { rows: databases } = await client.query<Database>(DATABASES);
    const found: Found[] = [];
    for (const role of roles) {
      const mark = parseMark(role.mark);
      if (!mark || mark.state === KEPT || mark.state === LOGIN) continue;
      found.push({
        name: mark.resource,
        fingerprint: mark.state,
        driftOf: (spec, login) => driftOf(spec, login, role, roles, databases),
      });
    }
    return found;
  };
}

function driftOf(
  spec: DatabaseSpec,
  held: HeldLogin,
  owner: Role,
  roles: Role[],
  databases: Database[],
): string | undefined {
  if (owner.name !== spec.owner) return `the owner is ${owner.name}`;
  if (owner.canLogin) return `the owner ${owner.name} may log in`;
  const login = roles.find((role) => role.name === held.role);
  if (!login) return `there is no login ${held.role}`;
  if (!login.canLogin) return `${login.name} may not log in`;
  if (!login.memberOf.includes(spec.owner)) return `${login.name} is no member of ${spec.owner}`;
  if (!login.config.includes(`role=${spec.owner}`)) return `${login.name} does not act as ${spec.owner}`;
  if (login.ended) return `${login.name} has ended`;
  if (!verifies(login.verifier, held.password)) return `${login.name} has another password`;
  for (const name of spec.databases) {
    const database = databases.find((candidate) => candidate.name === name);
    if (!database) return `there is no database ${name}`;
    if (database.owner !== spec.owner) return `database ${name} belongs to ${database.owner}`;
    if (database.open) return `anybody may connect to database ${name}`;
  }
  return undefined;
}

const ROLES = `
select r.rolname as name, shobj_description(r.oid, 'pg_authid') as mark, r.rolcanlogin as "canLogin",
       a.rolpassword as verifier, coalesce(r.rolvaliduntil < now(), false) as ended, coalesce(r.rolconfig, '{}') as config,
       array(select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid
              where m.member = r.oid) as "memberOf"
  from pg_roles r join pg_authid a using (oid)
 where starts_with(shobj_description(r.oid, 'pg_authid'), $1)
 order by r.rolname`;

const DATABASES = `
select d.datname as name, r.rolname as owner, has_database_privilege('public', d.oid, 'connect') as open
  from pg_database d join pg_roles r on r.oid = d.datdba`;
