import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

/** ms a reload waits for logins to come to their end, and for all clients to be between two messages. */
const PATIENCE = 3000;
const SUSPENSION = 300;
const LOOK = 3;

/** Numbers come as text. */
interface PoolRow {
  database: string;
  cl_waiting: string;
  sv_active: string;
  sv_idle: string;
  sv_used: string;
  sv_login: string;
}

/**
 * Has PgBouncer read its configuration again while no login of it is half way (decision 0013). `helper`: a second session
 * of the console, because the first one waits for its answer while clients are suspended.
 */
export async function reloadUnnoticed(admin: pg.Client, helper: pg.Client): Promise<void> {
  const { rows: databases } = await admin.query<{ name: string; pool_size: string }>('show databases');
  const sizes = new Map(databases.map(({ name, pool_size }) => [name, Number(pool_size)]));
  const pools = await poolsWhen(admin, PATIENCE, (pool) => isSettled(pool, sizes.get(pool.database) ?? 0));
  // Who waits, waits for a session that others have at work: such a pool is never empty, and must not be stopped.
  if (pools.some(({ cl_waiting }) => Number(cl_waiting) > 0)) return void (await admin.query('reload'));
  if (!(await suspended(admin))) {
    await helper.query('resume');
    return void (await helper.query('reload'));
  }
  try {
    await poolsWhen(helper, SUSPENSION, ({ sv_login }) => Number(sv_login) === 0);
    await helper.query('reload');
  } finally {
    await helper.query('resume');
  }
}

/** No client is read from any more. False where that takes too long: one of them is slow to take its answer. */
async function suspended(admin: pg.Client): Promise<boolean> {
  const done = admin.query('suspend').then(
    () => true,
    () => false,
  );
  return await Promise.race([done, sleep(SUSPENSION, false)]);
}

/** The pools as soon as each is as asked for, or when the time is over. */
async function poolsWhen(
  admin: pg.Client,
  patience: number,
  isSo: (pool: PoolRow) => boolean,
): Promise<PoolRow[]> {
  for (const end = Date.now() + patience; ; await sleep(LOOK)) {
    const { rows } = await admin.query<PoolRow>('show pools');
    if (rows.every(isSo) || Date.now() > end) return rows;
  }
}

/** No login is under way, and none is about to be: nobody waits, or there is no place for one more. */
function isSettled(pool: PoolRow, size: number): boolean {
  const servers = Number(pool.sv_active) + Number(pool.sv_idle) + Number(pool.sv_used);
  return Number(pool.sv_login) === 0 && (Number(pool.cl_waiting) === 0 || servers >= size);
}
