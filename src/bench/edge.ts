import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { clearStage, containerOf, HOST, outside, setStage, WAYS, type Way } from './edge-stage.ts';
import { usageOf } from './process-usage.ts';
import type { Context, Figure, Row } from './row.ts';
import { median, medianRatio, percentile } from './statistics.ts';

/** Each of a second for every way. */
const ROUNDS = 15;

/** Connections of one client: kept open, or a new one with its TLS handshake for each request. */
const KEPT = ['-c64'];
const FRESH = ['-c32', '-H', 'Connection: close'];

type Figures = Record<Way, number[]>;

/**
 * What the edge costs: the same pod is asked through it, through a bare HAProxy in its place, and
 * directly. The ways take turns of a second, so that what else the machine does weighs on each alike.
 */
export const edge: Row = {
  name: 'edge',
  title: 'requests over IPv4 through the edge',
  target:
    'throughput ≥ 0.95× a bare HAProxy in its place; p99 ≤ 1 ms more than direct, at half of what direct can',
  needs: [
    { name: 'wrk', why: 'find the highest throughput' },
    { name: 'nghttp2-client', why: 'ask at a steady rate (h2load)' },
    { name: 'curl', why: 'see that each way answers' },
    { name: 'openssl', why: 'make a certificate to ask for' },
  ],
  usesHost: true,
  async run(context) {
    const { site, podman, directory } = context;
    await site.ensureUp(); // for its images
    const stage = `${directory}/edge`;
    await clearStage(podman);
    mkdirSync(stage);
    try {
      await setStage(context, stage);
      return await ask(context, stage);
    } finally {
      await clearStage(podman);
      rmSync(stage, { recursive: true });
    }
  },
};

async function ask(context: Context, stage: string): Promise<Figure[]> {
  const { say } = context;
  say(`requests over kept connections, ${ROUNDS} rounds`);
  const kept = await inTurns((way) => wrk(context, way, KEPT));
  const processor = await processorTimes(context);
  say('a connection for each request');
  const fresh = await inTurns((way) => wrk(context, way, FRESH));
  const rate = Math.round(median(kept.direct) / 2);
  say(`times at ${rate} requests a second`);
  const p99 = await inTurns((way) => p99At(context, way, rate, stage));
  const ratio = (what: string, figures: Figures, other: Way, atLeast?: number): Figure => ({
    what,
    value: medianRatio(figures.edge, figures[other]),
    unit: '×',
    ...(atLeast === undefined ? {} : { limit: { atLeast } }),
  });
  return [
    ratio('throughput, edge : bare HAProxy', kept, 'bare', 0.95),
    ratio('throughput, edge : direct', kept, 'direct'),
    ...WAYS.map((way) => ({ what: `throughput, ${way}`, value: median(kept[way]), unit: '/s' as const })),
    ratio('new connection for each request, edge : bare', fresh, 'bare'),
    ratio('new connection for each request, edge : direct', fresh, 'direct'),
    ...WAYS.map((way) => ({
      what: `new connections, ${way}`,
      value: median(fresh[way]),
      unit: '/s' as const,
    })),
    { what: 'processor time of a request, edge : bare', value: processor.edge / processor.bare, unit: '×' },
    {
      what: 'p99, edge more than direct',
      value: median(p99.edge.map((value, i) => value - (p99.direct[i] ?? Number.NaN))),
      unit: 'ms',
      limit: { atMost: 1 },
    },
    ...WAYS.map((way) => ({ what: `p99, ${way}`, value: median(p99[way]), unit: 'ms' as const })),
    { what: 'at a rate of', value: rate, unit: '/s' },
  ];
}

/** Every way once a round, the order turning, after one round that is not counted. */
async function inTurns(once: (way: Way) => Promise<number>): Promise<Figures> {
  const figures: Figures = { edge: [], bare: [], direct: [] };
  for (let round = 0; round <= ROUNDS; round++)
    for (let turn = 0; turn < WAYS.length; turn++) {
      const way = WAYS[(round + turn) % WAYS.length] ?? 'edge';
      const figure = await once(way);
      if (round > 0) figures[way].push(figure);
    }
  return figures;
}

/** Requests per second. */
async function wrk({ signal }: Context, way: Way, options: string[]): Promise<number> {
  const text = await outside(way, ['wrk', '-t1', '-d1s', ...options, `https://${HOST}/`], signal);
  if (/Non-2xx|connect [1-9]|read [1-9]/.test(text)) throw new Error(`errors on the way ${way}:\n${text}`);
  return Number(text.match(/Requests\/sec:\s+([\d.]+)/)?.[1]);
}

/** ms that 99 of 100 requests stay under. h2load writes for every request: start in µs, status, duration in µs. */
async function p99At({ signal }: Context, way: Way, rate: number, stage: string): Promise<number> {
  const log = `${stage}/requests.tsv`;
  rmSync(log, { force: true });
  const each = Math.max(1, Math.round(rate / 16));
  const load = ['-c16', '-t1', `--rps=${each}`, '-D1', '--h1', `--log-file=${log}`];
  await outside(way, ['h2load', ...load, `https://${HOST}/`], signal);
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  const durations = lines.map((line) => Number(line.split('\t')[2]));
  return percentile(durations, 0.99) / 1000;
}

/** Processor time of HAProxy for one request, µs: says more than rates where the machine has other work. */
async function processorTimes(context: Context): Promise<Record<'edge' | 'bare', number>> {
  const spent = { edge: 0, bare: 0 };
  const requests = { edge: 0, bare: 0 };
  for (let round = 0; round < ROUNDS; round++)
    for (const way of ['edge', 'bare'] as const) {
      const before = await processorOf(context, way);
      requests[way] += await wrk(context, way, KEPT);
      spent[way] += (await processorOf(context, way)) - before;
    }
  return { edge: spent.edge / requests.edge, bare: spent.bare / requests.bare };
}

/** µs of user and system time of the process that moves the bytes: the child of HAProxy's master. */
async function processorOf({ podman }: Context, way: Way): Promise<number> {
  const master = (await podman(['inspect', '--format', '{{.State.Pid}}', containerOf(way)])).trim();
  const [worker] = readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').split(' ');
  return usageOf(Number(worker)).own * 1_000_000;
}
