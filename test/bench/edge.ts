/**
 * The edge against a bare HAProxy in its place and against the direct path, with the configuration the catalog
 * makes. All three stand at the same time and are asked in turns of a second, so that what else this machine
 * does weighs on each alike. Needs root, podman, openssl, wrk and h2load.
 *
 *   node test/bench/edge.ts IMAGE_WITH_HAPROXY IMAGE_WITH_NGINX [rounds]
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { haproxyCfg, routesMap } from '../../src/catalog/edge/haproxy.ts';
import { nginxConf } from '../../src/catalog/edge/nginx.ts';
import { exec } from '../../src/util/exec.ts';

export interface EdgeFigures {
  /** Median requests per second: connections kept, and a new TLS connection for each request. */
  kept: Record<Way, number>;
  fresh: Record<Way, number>;
  /** Medians of the ratios of each round. */
  edgeToBare: { kept: number; fresh: number };
  edgeToDirect: { kept: number; fresh: number };
  /** Processor time of HAProxy for one request, µs; says more than the rates where the machine has other work. */
  processor: Record<'kept' | 'fresh', Record<'edge' | 'bare', number>>;
  /** 99th percentile in ms at half of the direct path's highest rate, connections kept; median of the rounds. */
  p99: Record<Way, number>;
  /** Requests per second that p99 was taken at. */
  rate: number;
  /** Median over the rounds of edge minus direct, ms. */
  addedP99: number;
}

type Way = 'edge' | 'bare' | 'direct';

const NAME = 'allod-bench';
const HOST = 'web.example.org';
const WAYS: Way[] = ['edge', 'bare', 'direct'];
const PUBLIC = { edge: '198.51.100.135', bare: '198.51.100.136' };
const [SUBNET, POOL] = ['10.99.6', '2001:db8:99:6::'];
const POD = { ipv4: `${SUBNET}.80`, ipv6: `${POOL}80` };
const LOCKED = ['--read-only', '--cap-drop', 'all', '--security-opt', 'no-new-privileges'];

/** What somebody would write who wants nothing but speed from the same HAProxy: no names, no checks. */
const BARE = `global
  fd-hard-limit 16384
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend tls
  bind 0.0.0.0:443
  option splice-auto
  default_backend pod
backend pod
  option splice-auto
  server web [${POD.ipv6}]:8443 send-proxy-v2
`;

/** A small answer from memory: what is measured is the way to it. */
const APP = `daemon off; pid /run/nginx/app.pid; worker_processes 1; error_log stderr;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000;
  client_body_temp_path /run/nginx/a1; proxy_temp_path /run/nginx/a2; fastcgi_temp_path /run/nginx/a3;
  uwsgi_temp_path /run/nginx/a4; scgi_temp_path /run/nginx/a5;
  server { listen 127.0.0.1:5000; location / { default_type text/plain; return 200 "hello\\n"; } }
}
`;

export async function benchEdge(haproxy: string, nginx: string, rounds: number): Promise<EdgeFigures> {
  const directory = mkdtempSync(`${tmpdir()}/${NAME}-`);
  await tearDown();
  try {
    await setUp(directory, haproxy, nginx);
    const kept = await highest(rounds, (way) => wrk(way, 64, []));
    const fresh = await highest(rounds, (way) => wrk(way, 32, ['-H', 'Connection: close']));
    const processor = {
      kept: await processorTime(rounds, 64, []),
      fresh: await processorTime(rounds, 32, ['-H', 'Connection: close']),
    };
    const rate = Math.round(median(kept.direct) / 2);
    const slow = await highest(rounds, (way) => p99At(way, rate, directory));
    return {
      kept: medians(kept),
      fresh: medians(fresh),
      edgeToBare: { kept: ratio(kept, 'bare'), fresh: ratio(fresh, 'bare') },
      edgeToDirect: { kept: ratio(kept, 'direct'), fresh: ratio(fresh, 'direct') },
      processor,
      p99: medians(slow),
      rate,
      addedP99: median(slow.edge.map((value, i) => value - (slow.direct[i] ?? 0))),
    };
  } finally {
    await tearDown();
    rmSync(directory, { recursive: true });
  }
}

/** Every way once a round, the order turning, after one round that is not counted. */
async function highest(rounds: number, ask: (way: Way) => Promise<number>): Promise<Record<Way, number[]>> {
  const figures: Record<Way, number[]> = { edge: [], bare: [], direct: [] };
  for (let round = 0; round <= rounds; round++)
    for (let turn = 0; turn < WAYS.length; turn++) {
      const way = WAYS[(round + turn) % WAYS.length] ?? 'edge';
      const figure = await ask(way);
      if (round > 0) figures[way].push(figure);
    }
  return figures;
}

/** In turns of a second; the mean over all rounds. */
async function processorTime(
  rounds: number,
  connections: number,
  options: string[],
): Promise<Record<'edge' | 'bare', number>> {
  const spent = { edge: 0, bare: 0 };
  const requests = { edge: 0, bare: 0 };
  for (let round = 0; round < rounds; round++)
    for (const way of ['edge', 'bare'] as const) {
      const before = await processorOf(way);
      requests[way] += await wrk(way, connections, options);
      spent[way] += (await processorOf(way)) - before;
    }
  return { edge: spent.edge / requests.edge, bare: spent.bare / requests.bare };
}

/** µs of user and system time of the process that moves the bytes: the child of the master (proc(5)). */
async function processorOf(way: Way): Promise<number> {
  const master = (await exec(['podman', 'inspect', '-f', '{{.State.Pid}}', `${NAME}-${way}-${way}`])).trim();
  const [worker] = readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').split(' ');
  const fields = readFileSync(`/proc/${worker}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function wrk(way: Way, connections: number, options: string[]): Promise<number> {
  const text = await outside(way, ['wrk', '-t1', `-c${connections}`, '-d1s', ...options, `https://${HOST}/`]);
  if (/Non-2xx|connect [1-9]|read [1-9]/.test(text)) throw new Error(`errors on the way ${way}:\n${text}`);
  return Number(text.match(/Requests\/sec:\s+([\d.]+)/)?.[1]);
}

/** h2load writes for every request: start in µs, status, duration in µs. */
async function p99At(way: Way, rate: number, directory: string): Promise<number> {
  const log = `${directory}/requests.tsv`;
  rmSync(log, { force: true });
  const load = [
    '-c16',
    '-t1',
    `--rps=${Math.max(1, Math.round(rate / 16))}`,
    '-D1',
    '--h1',
    `--log-file=${log}`,
  ];
  await outside(way, ['h2load', ...load, `https://${HOST}/`]);
  const durations = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => Number(line.split('\t')[2]))
    .sort((a, b) => a - b);
  return (durations[Math.floor(durations.length * 0.99)] ?? Number.NaN) / 1000;
}

/** Runs a client outside; `ip netns exec` shows it a hosts file of its own (ip-netns(8)). */
async function outside(way: Way, argv: string[]): Promise<string> {
  const address = way === 'direct' ? POD.ipv6 : PUBLIC[way];
  writeFileSync(`/etc/netns/${NAME}/hosts`, `${address} ${HOST}\n`);
  return await exec(['ip', 'netns', 'exec', NAME, ...argv]);
}

async function setUp(directory: string, haproxy: string, nginx: string): Promise<void> {
  const route = { host: HOST, service: 'web', address: POD.ipv6 };
  const http = { contract: 'http-route', host: HOST, port: 5000, why: 'bench' } as const;
  const files = {
    'edge/live/haproxy.cfg': haproxyCfg([route]),
    'edge/live/routes.map': routesMap([route]),
    'bare/live/haproxy.cfg': BARE,
    'web/live/nginx.conf': nginxConf([http], [], `${POOL}443`).replaceAll(
      'set_real_ip_from',
      `set_real_ip_from ${POOL}8; set_real_ip_from`,
    ),
    'app/live/nginx.conf': APP,
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(`${directory}/${path}`.replace(/[^/]+$/, ''), { recursive: true });
    writeFileSync(`${directory}/${path}`, content);
  }
  const tls = `${directory}/web/live/tls/${HOST}`;
  await sh(`mkdir -p ${directory}/web/live/tls
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${HOST} -keyout ${tls}.key -out ${tls}.crt
    chmod -R a+rX ${directory}
    ip netns add ${NAME} && ip link add ${NAME} type veth peer name eth0 netns ${NAME} && ip link set ${NAME} up
    for a in ${Object.values(PUBLIC).join(' ')}; do ip addr add $a/25 dev ${NAME}; done
    ip addr add 2001:db8:fffe::1/64 dev ${NAME} nodad
    ip -n ${NAME} link set lo up && ip -n ${NAME} link set eth0 up && ip -n ${NAME} addr add 198.51.100.130/25 dev eth0
    ip -n ${NAME} addr add 2001:db8:fffe::2/64 dev eth0 nodad && ip -n ${NAME} -6 route add default via 2001:db8:fffe::1
    mkdir -p /etc/netns/${NAME}
    podman network create --ipv6 --subnet ${SUBNET}.0/24 --subnet ${POOL}/64 --disable-dns ${NAME}`);
  await pod('web', `ip=${POD.ipv4},ip6=${POD.ipv6}`, []);
  await container('web', 'web', 10080, nginx, ['nginx', '-e', 'stderr', '-c'], 'nginx.conf', directory);
  await container('web', 'app', 10080, nginx, ['nginx', '-e', 'stderr', '-c'], 'nginx.conf', directory);
  for (const [way, suffix] of [
    ['edge', 443],
    ['bare', 8],
  ] as const) {
    await pod(way, `ip=${SUBNET}.${suffix === 8 ? 8 : 43},ip6=${POOL}${suffix}`, [
      '-p',
      `${PUBLIC[way]}:443:443`,
    ]);
    await container(way, way, 10443, haproxy, ['haproxy', '-W', '-db', '-f'], 'haproxy.cfg', directory);
  }
  for (const way of WAYS) await answers(way);
}

async function pod(name: string, network: string, options: string[]): Promise<void> {
  await exec([
    'podman',
    'pod',
    'create',
    '--name',
    `${NAME}-${name}`,
    '--network',
    `${NAME}:${network}`,
    ...options,
  ]);
}

async function container(
  pod: string,
  name: string,
  user: number,
  image: string,
  command: string[],
  config: string,
  directory: string,
): Promise<void> {
  const scratch = command[0] === 'nginx' ? '/run/nginx' : '/run/haproxy';
  await exec([
    ...(['podman', 'run', '-d', '--pod', `${NAME}-${pod}`, '--name', `${NAME}-${pod}-${name}`] as const),
    ...[...LOCKED, '--user', `${user}:${user}`, '--tmpfs', `${scratch}:mode=0777`],
    ...['-v', `${directory}/${name}:/etc/allod:ro`, image, ...command, `/etc/allod/live/${config}`],
  ]);
}

async function answers(way: Way): Promise<void> {
  const ask = ['curl', '-sfk', '--max-time', '1', `https://${HOST}/`];
  for (let attempt = 0; attempt < 50; attempt++) {
    const answer = await outside(way, ask).catch(() => '');
    if (answer === 'hello\n') return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no answer on the way ${way}`);
}

async function tearDown(): Promise<void> {
  await sh(`podman pod rm -f -t 0 --ignore ${NAME}-web ${NAME}-edge ${NAME}-bare >/dev/null 2>&1 || true
    podman network rm -f ${NAME} >/dev/null 2>&1 || true
    ip netns del ${NAME} 2>/dev/null || true
    ip link del ${NAME} 2>/dev/null || true
    rm -rf /etc/netns/${NAME}`);
}

async function sh(script: string): Promise<void> {
  await exec(['sh', '-ec', script]);
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function medians(figures: Record<Way, number[]>): Record<Way, number> {
  return { edge: median(figures.edge), bare: median(figures.bare), direct: median(figures.direct) };
}

function ratio(figures: Record<Way, number[]>, other: Way): number {
  return median(figures.edge.map((value, i) => value / (figures[other][i] ?? Number.NaN)));
}

if (import.meta.main) {
  const [haproxy, nginx, rounds = '15'] = process.argv.slice(2);
  if (!haproxy || !nginx) throw new Error('usage: edge.ts IMAGE_WITH_HAPROXY IMAGE_WITH_NGINX [rounds]');
  console.log(JSON.stringify(await benchEdge(haproxy, nginx, Number(rounds)), undefined, 2));
}
