import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { messageOf } from '../util/errors.ts';

/** A pooler under load, and the server behind it. */
export interface LoginTarget {
  /** Where apps connect. */
  pooler: { host: string; port: number; user: string; password: string };
  /** Databases at the pooler: one session for one transaction, and one session for one client. */
  databases: { transactions: string; sessions: string };
  /** pgbench(1) where the app is, with a database at its end; throws where a client of it failed. */
  pgbench(args: string[], database: string): Promise<string>;
  /** The same past the pooler, with the login of the moment. */
  pgbenchDirect(args: string[]): Promise<string>;
  /** The first column of what the server's superuser is answered, in one of the client's databases. */
  ask(database: string, sql: string): Promise<string[]>;
}

/** What one kind of work came to. */
export interface Work {
  what: string;
  /** Statements that were answered as they should be. */
  done: number;
  /** One line for each that was not. */
  failed: string[];
}

export async function prepareLoad({ pooler, databases, pgbench }: LoginTarget): Promise<void> {
  await pgbench(['-i', '-q', '-s', '1'], databases.transactions);
  await pgbench(['-i', '-q', '-s', '1'], databases.sessions);
  await withClient(pooler, databases.transactions, (client) =>
    client.query('create table if not exists long_work (n int); create table if not exists copied (n int)'),
  );
}

/** All kinds of work at once, until the signal ends them. `long`: seconds of the longest transaction and session. */
export async function mixedLoad(target: LoginTarget, long: number, signal: AbortSignal): Promise<Work[]> {
  const { pooler, databases } = target;
  return await Promise.all([
    shortTransactions(target, 'prepared', databases.transactions, signal),
    shortTransactions(target, 'extended', databases.sessions, signal),
    repeated(`transactions of ${long} s`, signal, () =>
      longTransaction(pooler, databases.transactions, long),
    ),
    repeated(`LISTEN for ${long} s`, signal, () => listen(pooler, databases.sessions, long)),
    repeated(`COPY for ${long} s`, signal, () => copy(pooler, databases.transactions, long)),
  ]);
}

/** Transactions and failures as pgbench(1) reports them. */
export function readPgbench(text: string): { done: number; failed: number; rate: number } {
  const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  return {
    done: number(/^number of transactions actually processed: (\d+)/m),
    failed: number(/^number of failed transactions: (\d+)/m),
    rate: number(/^tps = ([\d.]+)/m),
  };
}

async function shortTransactions(
  { pgbench }: LoginTarget,
  mode: 'prepared' | 'extended',
  database: string,
  signal: AbortSignal,
): Promise<Work> {
  const work: Work = { what: `short transactions, ${mode}, ${database}`, done: 0, failed: [] };
  while (!signal.aborted) {
    const text = await pgbench(['-M', mode, '-c', '4', '-T', '5', '-n'], database).catch(messageOf);
    const { done, failed } = readPgbench(text);
    if (Number.isNaN(done)) work.failed.push(text);
    else work.done += done;
    for (let i = 0; i < failed; i++) work.failed.push('a transaction failed');
  }
  return work;
}

async function repeated(what: string, signal: AbortSignal, once: () => Promise<number>): Promise<Work> {
  const work: Work = { what, done: 0, failed: [] };
  while (!signal.aborted)
    try {
      work.done += await once();
    } catch (error) {
      work.failed.push(messageOf(error));
    }
  return work;
}

function longTransaction(pooler: LoginTarget['pooler'], database: string, seconds: number): Promise<number> {
  return withClient(pooler, database, async (client) => {
    await client.query('begin');
    await client.query('insert into long_work values (1)');
    await client.query(`select pg_sleep(${seconds})`);
    await client.query('delete from long_work');
    await client.query('commit');
    return 5;
  });
}

/** One session listens, another notifies ten times a second: each notice has to come. */
function listen(pooler: LoginTarget['pooler'], database: string, seconds: number): Promise<number> {
  return withClient(pooler, database, async (listener) => {
    const heard: string[] = [];
    listener.on('notification', ({ payload = '' }) => heard.push(payload));
    await listener.query('listen work');
    const said: string[] = [];
    await withClient(pooler, database, async (speaker) => {
      for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) {
        said.push(String(said.length));
        await speaker.query("select pg_notify('work', $1)", [said.at(-1)]);
      }
    });
    await listener.query('unlisten work'); // behind the last notice
    await sleep(50);
    if (heard.join() !== said.join()) throw new Error(`heard ${heard.length} of ${said.length} notices`);
    return said.length;
  });
}

/** One COPY that sends a row every 20 ms: CopyData messages of the protocol, chapter 53.2.6. */
function copy(pooler: LoginTarget['pooler'], database: string, seconds: number): Promise<number> {
  return withClient(pooler, database, async (client) => {
    await client.query('begin');
    await client.query('truncate copied');
    const rows = Math.round(seconds * 50);
    const query = new Copy('copy copied from stdin', rows);
    client.query(query as unknown as pg.Submittable);
    await query.done;
    const { rows: counted } = await client.query('select count(*)::int as n from copied');
    await client.query('commit');
    if (counted[0]?.n !== rows) throw new Error(`${counted[0]?.n} of ${rows} copied rows are there`);
    return rows;
  });
}

/** What pg calls when it runs a query of its user's own making (pg.Submittable). */
class Copy {
  readonly done: Promise<void>;
  #sql: string;
  #rows: number;
  #end!: (error?: Error) => void;

  constructor(sql: string, rows: number) {
    this.#sql = sql;
    this.#rows = rows;
    this.done = new Promise((resolve, reject) => {
      this.#end = (error) => (error ? reject(error) : resolve());
    });
  }

  submit(connection: { query(sql: string): void }): void {
    connection.query(this.#sql);
  }

  async handleCopyInResponse(connection: {
    sendCopyFromChunk(chunk: Buffer): void;
    endCopyFrom(): void;
  }): Promise<void> {
    for (let n = 0; n < this.#rows; n++) {
      connection.sendCopyFromChunk(Buffer.from(`${n}\n`));
      await sleep(20);
    }
    connection.endCopyFrom();
  }

  handleError(error: Error): void {
    this.#end(error);
  }

  handleReadyForQuery(): void {
    this.#end();
  }

  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
}

async function withClient<T>(
  pooler: LoginTarget['pooler'],
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...pooler, database });
  client.on('error', () => {}); // it rejects the query too
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
