import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { exec } from '../util/exec.ts';
import type { Context } from './row.ts';

/** Through the edge; through a bare HAProxy in its place; over IPv6 straight to the pod. */
export type Way = 'edge' | 'bare' | 'direct';

export const WAYS: Way[] = ['edge', 'bare', 'direct'];

/** Of all that is made on this machine for it: pods, network, link, network namespace. */
export const STAGE = 'allod-bench';

export const HOST = 'web.example.org';

const PUBLIC = { edge: '198.51.100.135', bare: '198.51.100.136' };
const [SUBNET, POOL] = ['10.99.6', '2001:db8:be:e::'];
const POD = { ipv4: `${SUBNET}.80`, ipv6: `${POOL}80` };
const BARE = { ipv4: `${SUBNET}.8`, ipv6: `${POOL}8` };
const EDGE = { ipv4: `${SUBNET}.43`, ipv6: `${POOL}443` };
const LOCKED = ['--read-only', '--cap-drop', 'all', '--security-opt', 'no-new-privileges'];

/** What somebody would write who wants nothing but speed from the same HAProxy: no names, no checks. */
const BARE_CFG = `global
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

type Parts = Pick<Context, 'podman' | 'edge' | 'signal'>;

/** A pod that answers, an edge and a bare HAProxy before it, and a client's host outside. */
export async function setStage(parts: Parts, directory: string): Promise<void> {
  const { podman, edge } = parts;
  const images = await edge.images();
  const nginxConf = edge.nginxConf(HOST, 5000, EDGE.ipv6);
  const files = {
    'edge/live/haproxy.cfg': edge.haproxyCfg(HOST, POD.ipv6),
    'edge/live/routes.map': edge.routesMap(HOST, POD.ipv6),
    'bare/live/haproxy.cfg': BARE_CFG,
    'web/live/nginx.conf': nginxConf.replaceAll(
      'set_real_ip_from',
      `set_real_ip_from ${BARE.ipv6}; set_real_ip_from`,
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
    ip netns add ${STAGE} && ip link add ${STAGE} type veth peer name eth0 netns ${STAGE} && ip link set ${STAGE} up
    for a in ${Object.values(PUBLIC).join(' ')}; do ip addr add $a/25 dev ${STAGE}; done
    ip addr add 2001:db8:fffe::1/64 dev ${STAGE} nodad
    ip -n ${STAGE} link set lo up && ip -n ${STAGE} link set eth0 up && ip -n ${STAGE} addr add 198.51.100.130/25 dev eth0
    ip -n ${STAGE} addr add 2001:db8:fffe::2/64 dev eth0 nodad && ip -n ${STAGE} -6 route add default via 2001:db8:fffe::1
    mkdir -p /etc/netns/${STAGE}`);
  await podman([
    ...['network', 'create', '--ipv6', '--disable-dns'],
    ...['--subnet', `${SUBNET}.0/24`, '--subnet', `${POOL}/64`, STAGE],
  ]);
  const nginx = { image: images.nginx, user: 10080, scratch: '/run/nginx' };
  const haproxy = { image: images.haproxy, user: 10443, scratch: '/run/haproxy' };
  const nginxArgv = ['nginx', '-e', 'stderr', '-c', '/etc/allod/live/nginx.conf'];
  const haproxyArgv = ['haproxy', '-W', '-db', '-f', '/etc/allod/live/haproxy.cfg'];
  await startPod(parts, 'web', POD);
  for (const name of ['web', 'app'])
    await startContainer(parts, { pod: 'web', name, ...nginx, argv: nginxArgv, directory });
  for (const [name, address] of Object.entries({ edge: EDGE, bare: BARE })) {
    await startPod(parts, name, address, ['-p', `${PUBLIC[name as keyof typeof PUBLIC]}:443:443`]);
    await startContainer(parts, { pod: name, name, ...haproxy, argv: haproxyArgv, directory });
  }
  for (const way of WAYS) await waitForAnswer(way, parts.signal);
}

/** Takes away what {@link setStage} made, and what a killed run left; containers go with the bench's storage. */
export async function clearStage(podman: Context['podman']): Promise<void> {
  await podman(['pod', 'rm', '--force', '--time', '0', '--ignore', ...['web', 'edge', 'bare'].map(podName)]);
  await podman(['network', 'rm', '--force', STAGE]).catch(() => {}); // there may be none
  await sh(`ip netns del ${STAGE} 2>/dev/null || true
    ip link del ${STAGE} 2>/dev/null || true
    rm -rf /etc/netns/${STAGE}`);
}

/** Runs a client outside; `ip netns exec` shows it a hosts file of its own (ip-netns(8)). */
export async function outside(way: Way, argv: [string, ...string[]], signal?: AbortSignal): Promise<string> {
  const address = way === 'direct' ? POD.ipv6 : PUBLIC[way];
  writeFileSync(`/etc/netns/${STAGE}/hosts`, `${address} ${HOST}\n`);
  return await exec(['ip', 'netns', 'exec', STAGE, ...argv], signal ? { signal } : {});
}

export function containerOf(way: Way): string {
  return `${podName(way)}-${way}`;
}

function podName(name: string): string {
  return `${STAGE}-${name}`;
}

async function startPod(
  { podman }: Parts,
  name: string,
  { ipv4, ipv6 }: { ipv4: string; ipv6: string },
  options: string[] = [],
): Promise<void> {
  const network = `${STAGE}:ip=${ipv4},ip6=${ipv6}`;
  await podman(['pod', 'create', '--name', podName(name), '--network', network, ...options]);
}

interface Started {
  pod: string;
  name: string;
  image: string;
  user: number;
  scratch: string;
  argv: string[];
  directory: string;
}

async function startContainer({ podman }: Parts, started: Started): Promise<void> {
  const { pod, name, image, user, scratch, argv, directory } = started;
  await podman([
    ...['run', '-d', '--pod', podName(pod), '--name', `${podName(pod)}-${name}`, ...LOCKED],
    ...['--user', `${user}:${user}`, '--tmpfs', `${scratch}:mode=0777`],
    ...['-v', `${directory}/${name}:/etc/allod:ro`, image, ...argv],
  ]);
}

async function waitForAnswer(way: Way, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const answer = await outside(way, ['curl', '-sfk', '--max-time', '1', `https://${HOST}/`]).catch(
      () => '',
    );
    if (answer === 'hello\n') return;
    await sleep(100, undefined, { signal });
  }
  throw new Error(`no answer on the way ${way}`);
}

async function sh(script: string): Promise<void> {
  await exec(['sh', '-ec', script]);
}
