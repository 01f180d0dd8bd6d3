import { setTimeout as sleep } from 'node:timers/promises';
import { type LoginTarget, mixedLoad, prepareLoad, readPgbench } from './login-load.ts';
import type { Context, Figure, RotationStage, Row } from './row.ts';
import { median, medianRatio, percentile } from './statistics.ts';

/** New logins under load. */
const ROTATIONS = 1000;
/** Length of the longest transaction, LISTEN and COPY, seconds. */
const LONG = 4;
/** Each of three seconds for the pooler at rest, while logins change, and for the server itself. */
const ROUNDS = 7;
/** Logins made one after the other, and four at a time. */
const MADE = 500;

export const rotation: Row = {
  name: 'rotation',
  title: 'database logins that change under load',
  target: `${ROTATIONS} logins, 0 failed statements, 0 left; ≥ 0.9× the pooler at rest; in use within 500 ms (p99)`,
  needs: [],
  usesHost: true,
  async run(context) {
    const stage = await context.rotationStage();
    try {
      await prepareLoad(stage.target);
      const before = await grants(stage.target);
      const figures = [...(await underLoad(context, stage)), ...(await throughput(context, stage))];
      figures.push(...(await inUse(context, stage)), ...(await issued(context, stage)));
      await stage.settled();
      const more = (await grants(stage.target)) - before;
      return [...figures, { what: 'rights left over, bytes', value: more, unit: '', limit: { atMost: 0 } }];
    } finally {
      await stage.close();
    }
  },
};

async function underLoad(
  { say, signal }: Context,
  { target, rotate, settled }: RotationStage,
): Promise<Figure[]> {
  const ends = new AbortController();
  const load = mixedLoad(target, LONG, AbortSignal.any([ends.signal, signal]));
  for (let n = 1; n <= ROTATIONS && !signal.aborted; n++) {
    await rotate();
    await sleep(50, undefined, { signal });
    if (n % 250 === 0) say(`${n} of ${ROTATIONS} logins under load`);
  }
  ends.abort();
  const work = await load;
  await settled();
  const failed = work.flatMap((each) => each.failed.map((text) => `${each.what}: ${text}`));
  for (const line of failed.slice(0, 10)) say(line);
  return [
    { what: 'logins, one after the other under load', value: ROTATIONS, unit: '' },
    ...work.map(({ what, done }) => ({ what: `answered: ${what}`, value: done, unit: '' as const })),
    { what: 'failed statements', value: failed.length, unit: '', limit: { atMost: 0 } },
  ];
}

/** Reads alone, so that the disk plays no part: what is compared is the way to the server. */
async function throughput({ say, signal }: Context, { target, rotate }: RotationStage): Promise<Figure[]> {
  const read = ['-S', '-M', 'prepared', '-c', '8', '-T', '3', '-n'];
  const rates = { rest: [] as number[], changing: [] as number[], direct: [] as number[] };
  for (let round = 1; round <= ROUNDS; round++) {
    rates.rest.push(readPgbench(await target.pgbench(read, target.databases.transactions)).rate);
    rates.changing.push(await whileChanging(() => target.pgbench(read, target.databases.transactions)));
    rates.direct.push(readPgbench(await target.pgbenchDirect(read)).rate);
    say(`throughput, round ${round} of ${ROUNDS}`);
  }
  return [
    {
      what: 'throughput, a login a second : pooler at rest',
      value: medianRatio(rates.changing, rates.rest),
      unit: '×',
      limit: { atLeast: 0.9 },
    },
    {
      what: 'throughput, pooler at rest : past the pooler',
      value: medianRatio(rates.rest, rates.direct),
      unit: '×',
    },
    { what: 'throughput, a login a second', value: median(rates.changing), unit: '/s' },
    { what: 'throughput, pooler at rest', value: median(rates.rest), unit: '/s' },
    { what: 'throughput, past the pooler', value: median(rates.direct), unit: '/s' },
  ];

  async function whileChanging(load: () => Promise<string>): Promise<number> {
    const ends = new AbortController();
    const changing = (async () => {
      while (!ends.signal.aborted && !signal.aborted) {
        await rotate();
        await sleep(1000);
      }
    })();
    const { rate } = readPgbench(await load());
    ends.abort();
    await changing;
    return rate;
  }
}

async function inUse({ say }: Context, { rotate, renewCertificate }: RotationStage): Promise<Figure[]> {
  const logins: number[] = [];
  const certificates: number[] = [];
  for (let n = 0; n < 200; n++) logins.push(await timed(rotate));
  say('200 logins in use');
  for (let n = 0; n < 100; n++) certificates.push(await timed(renewCertificate));
  say('100 certificates in use');
  const within = (what: string, times: number[]): Figure[] => [
    { what: `${what}, median`, value: median(times), unit: 'ms' },
    { what: `${what}, p99`, value: percentile(times, 0.99), unit: 'ms', limit: { atMost: 500 } },
  ];
  return [
    ...within('a new login made, tried, handed over, seen in use', logins),
    ...within('a new certificate issued, handed over, seen on the wire', certificates),
  ];
}

async function issued({ say }: Context, { make }: RotationStage): Promise<Figure[]> {
  const made: number[] = [];
  for (let n = 0; n < MADE; n++) made.push(await make(false));
  const tried: number[] = [];
  for (let n = 0; n < MADE / 5; n++) tried.push(await make(true));
  say(`${MADE} logins made`);
  const rate = (times: number[]) => 1000 / (times.reduce((sum, time) => sum + time, 0) / times.length);
  return [
    { what: 'logins issued, one after the other', value: rate(made), unit: '/s', limit: { atLeast: 254 } },
    { what: 'a login issued, p99', value: percentile(made, 0.99), unit: 'ms', limit: { atMost: 55 } },
    { what: 'logins issued and tried by a real login', value: rate(tried), unit: '/s' },
  ];
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Bytes of all rights that are kept beside tables and databases: they would grow with every grant to a login. */
async function grants({ ask, databases }: LoginTarget): Promise<number> {
  const sql = `select coalesce(sum(length(relacl::text)), 0) + (select coalesce(sum(length(datacl::text)), 0)
    from pg_database) from pg_class`;
  return Number((await ask(databases.transactions, sql))[0]);
}
