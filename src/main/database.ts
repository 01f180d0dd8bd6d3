import { readFileSync } from 'node:fs';
import { loginRefs } from '../model/database.ts';
import type { Layout } from '../model/layout.ts';
import type { Provider, Reach } from '../model/provider.ts';
import { postgresLogins } from '../providers/postgres/logins.ts';
import { postgresProvider } from '../providers/postgres/provider.ts';
import { postgresServer, type Server } from '../providers/postgres/server.ts';
import type { Agent } from '../reconcile/agent.ts';
import type { LeaseParts } from '../secrets/leases/life-cycle.ts';
import { loginProvider } from '../secrets/leases/login-provider.ts';
import type { LeaseTable } from '../secrets/leases/table.ts';
import type { SecretStore } from '../secrets/store.ts';
import { Sealed, Transient } from '../util/errors.ts';

const ADMIN_PASSWORD = 'postgres/admin-password';
/** Older logins that stay in the store: what a file set that went back may still name. */
const KEPT = 3;

export interface Database {
  server: Server;
  leases: LeaseParts;
  /** Logins, which need no server; and what is in the server. */
  logins: Provider;
  databases: Provider;
}

/**
 * While the store is sealed nothing new is made, but the login in force must not end meanwhile: the password that
 * lets this machine in at the server is read where the server itself reads it.
 */
export function lastGood(layout: Layout, reveal: Reach['reveal']): Reach['reveal'] {
  return (ref) => {
    try {
      return reveal(ref);
    } catch (error) {
      if (!(error instanceof Sealed) || ref.secret !== ADMIN_PASSWORD) throw error;
      return readFileSync(`${layout.files('postgres', 'app')}/live/admin-password`, 'utf8');
    }
  };
}

/** The site's database server, and the logins at it. */
export function composeDatabase(
  reach: Reach,
  store: SecretStore,
  table: LeaseTable,
  agent: Agent,
  log: (text: string) => void,
): Database {
  const server = postgresServer(reach);
  const logins = postgresLogins(server, reach);
  const leases: LeaseParts = {
    table,
    server: logins,
    held(service) {
      const refs = loginRefs(service);
      const [role, password] = [store.get(refs.role.secret), store.get(refs.password.secret)];
      return role && password && { role: role.reveal(), password: password.reveal() };
    },
    hand(service, { role, password, expires }) {
      const refs = loginRefs(service);
      const ttl = Math.ceil((expires - Date.now()) / 1000);
      store.put({ [refs.role.secret]: role, [refs.password.secret]: password }, { ttl, keep: KEPT });
    },
    async deploy(service) {
      const paths = Object.values(loginRefs(service)).map(({ secret }) => secret);
      if ((await agent.changed(paths)) === 0) throw new Transient(`nothing of ${service} is laid out yet`);
    },
    log,
  };
  return {
    server,
    leases,
    logins: loginProvider(store, leases),
    databases: postgresProvider(reach, server, logins),
  };
}
