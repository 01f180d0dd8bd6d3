import { randomBytes } from 'node:crypto';
import type { HeldLogin, Login, LoginConsumer, LoginServer } from '../../model/login.ts';
import { PersonFault } from '../../util/errors.ts';
import { budgetOf, dueAt, type Lease, type LeaseState } from './lease.ts';
import type { LeaseTable } from './table.ts';

/** What a login's life needs of the rest of the program. */
export interface LeaseParts {
  table: LeaseTable;
  server: LoginServer;
  /** The login the store gives out for a service. Throws Sealed. */
  held(service: string): HeldLogin | undefined;
  /** Writes a login to the store: both values or none. */
  hand(service: string, login: Login): void;
  /** Has the service take in what the store gives out; resolves when a session with it was seen. */
  deploy(service: string): Promise<void>;
  log(text: string): void;
}

/**
 * A pooler that was just told of a new login may still be in the middle of a connection with the old one: it
 * is locked no sooner than this (ms), a little more than the pooler's `server_connect_timeout`.
 */
const SETTLE = 3500;
/** States of a login on its way out. */
const RETIRING: LeaseState[] = ['draining', 'locked', 'ended', 'dropped'];
/** Between two looks at whether sessions have ended, ms. */
const LOOK = 1000;

/** Gives a service its first login, without asking the server, which may not be up yet. */
export function begin(parts: LeaseParts, consumer: LoginConsumer): void {
  const { table, held, hand } = parts;
  const { service } = consumer;
  if (held(service)) return;
  const login = newLogin(consumer);
  table.add({ ...login, service, state: 'current' });
  hand(service, login);
}

/** Takes every login of a service as far as it can go. Returns when there is more to do, ms since 1970. */
export async function advance(parts: LeaseParts, consumer: LoginConsumer): Promise<number> {
  const { table, server } = parts;
  const { service, times } = consumer;
  const leaving = () => table.of(service).filter(({ state }) => RETIRING.includes(state));
  // What is on its way out goes, whether or not the store can be asked for what is in force.
  const seen = leaving();
  const next = await Promise.all(seen.map((lease) => retire(parts, lease, times.drain)));
  const { lease, login } = adopt(parts, consumer);
  const due = dueAt(lease, times);
  if (!lease.proved) {
    // The first login of all comes into the store before there is a server.
    await server.make(consumer, { ...login, expires: lease.expires });
    await prove(parts, service, lease.role);
  } else {
    supersede(parts, service, lease.role); // where a killed run did not come to it
    if (Date.now() >= due) await replace(parts, consumer);
  }
  const begun = leaving().some(({ role }) => !seen.some((known) => known.role === role));
  return begun ? Date.now() : Math.min(due, ...next);
}

/** A new login in place of the one in force, whether it is due or not. */
export async function replace(parts: LeaseParts, consumer: LoginConsumer): Promise<void> {
  const { table, server, hand, log } = parts;
  const { service, times } = consumer;
  const minted = table.mintedLately(service);
  if (minted >= budgetOf(times))
    throw new PersonFault({
      where: `login of ${service}`,
      message: `expected at most ${budgetOf(times)} new logins an hour; got ${minted}; the last good one stays; try ./allod leases to see what does not stay`,
    });
  const login = newLogin(consumer);
  table.add({ ...login, service, state: 'minted' });
  log(`login ${login.role}: minted`);
  await server.make(consumer, login);
  await server.tryOut(consumer, login);
  table.move(login.role, 'verified');
  log(`login ${login.role}: verified`);
  hand(service, login);
  table.move(login.role, 'current');
  log(`login ${login.role}: current`);
  await prove(parts, service, login.role);
}

/** Keeps the login in force from ending while no new one can be made. */
export async function keepAlive({ table, server, log }: LeaseParts, consumer: LoginConsumer): Promise<void> {
  const { service, times } = consumer;
  const current = table.of(service).findLast(({ state, proved }) => state === 'current' && proved);
  const left = (current?.expires ?? 0) - Date.now();
  if (!current || left > (times.lifetime - times.period) * 500) return;
  const expires = Date.now() + times.lifetime * 1000;
  await server.extend(current.role, expires);
  table.extend(current.role, expires);
  log(`login ${current.role}: kept for longer, as no new one can be made`);
}

/** The login the store gives out, with its row. What a killed run left half done is taken up or given up. */
function adopt(parts: LeaseParts, consumer: LoginConsumer): { lease: Lease; login: HeldLogin } {
  const { table, held } = parts;
  const { service, times } = consumer;
  begin(parts, consumer);
  const login = held(service);
  if (!login) throw new Error(`the store lost the login of ${service}`);
  const { role } = login;
  const rows = table.of(service);
  if (!rows.some((row) => row.role === role))
    table.add({ service, role, state: 'current', expires: Date.now() + times.lifetime * 1000 });
  for (const row of rows) {
    const begun = row.state === 'minted' || row.state === 'verified';
    if (row.role === role && row.state !== 'current') table.move(role, 'current');
    else if (row.role !== role && begun) table.move(row.role, 'draining');
  }
  const lease = table.of(service).find((row) => row.role === role);
  if (!lease) throw new Error(`${role} has no lease`);
  return { lease, login };
}

/** The service is seen to use the login; only then do older ones begin to go. */
async function prove(parts: LeaseParts, service: string, role: string): Promise<void> {
  const { table, deploy, log } = parts;
  await deploy(service);
  table.prove(role);
  log(`login ${role}: in use`);
  supersede(parts, service, role);
}

/** Every other login that was in force begins to go. */
function supersede({ table, log }: LeaseParts, service: string, role: string): void {
  for (const lease of table.of(service)) {
    if (lease.role === role || lease.state !== 'current') continue;
    table.move(lease.role, 'draining');
    log(`login ${lease.role}: draining`);
  }
}

/** From draining to gone. Returns when to look again. */
export async function retire(
  { table, server, log }: LeaseParts,
  lease: Lease,
  drain: number,
): Promise<number> {
  const { role } = lease;
  let { state } = lease;
  function move(to: Lease['state']): void {
    table.move(role, to);
    state = to;
    log(`login ${role}: ${to}`);
  }
  if (state === 'draining' || state === 'current') {
    const deadline = lease.since + drain * 1000;
    const settled = Math.min(deadline, lease.since + SETTLE);
    const now = Date.now();
    if (now < settled) return settled;
    if (now < deadline && (await server.sessions(role)) > 0) return Math.min(deadline, now + LOOK);
    await server.lock(role);
    move('locked');
  }
  if (state === 'locked') {
    const ended = await server.endSessions(role);
    if (ended > 0) log(`login ${role}: ${ended} sessions were cut at the end of their drain`);
    move('ended');
  }
  if (state === 'ended') {
    await server.drop(role);
    move('dropped');
  }
  const left = (await server.find()).some((found) => found.role === role);
  if (left)
    table.move(role, 'ended'); // and once more
  else table.remove(role);
  return left ? Date.now() + LOOK : Number.POSITIVE_INFINITY;
}

function newLogin({ service, times }: LoginConsumer): Login {
  const suffix = randomBytes(6).toString('hex');
  return {
    role: `${service.slice(0, 50)}_${suffix}`,
    password: randomBytes(32).toString('base64url'),
    expires: Date.now() + times.lifetime * 1000,
  };
}
