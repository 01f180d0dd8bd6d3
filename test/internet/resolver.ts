import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exec } from '../../src/util/exec.ts';
import { until } from '../lib/site.ts';
import { inNamespace } from './lines.ts';
import { HOSTS, SERVERS } from './map.ts';
import { rootHints } from './zones.ts';

const { namespace } = HOSTS.client;
/** ip-netns(8) shows commands in the namespace these files as those of /etc. */
const RESOLV_CONF = `/etc/netns/${namespace}/resolv.conf`;

/** What a resolver has to know of the root, as files. */
export interface RootFiles {
  /** Zone file form: NS, A, AAAA. */
  hints: string;
  /** Zone file form: DS. */
  anchor: string;
  /** As delv(1) and named(8) want it. */
  anchorOfBind: string;
}

/** What a resolver answered. */
export interface Answer {
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL`. */
  status: string;
  /** It validated the answer (RFC 4035 section 3.2.3). */
  validated: boolean;
  records: string[];
}

export function writeRootFiles(folder: string, ds: string[]): RootFiles {
  const files = {
    hints: join(folder, 'root.hints'),
    anchor: join(folder, 'root.anchor'),
    anchorOfBind: join(folder, 'bind.keys'),
  };
  writeFileSync(files.hints, rootHints());
  writeFileSync(files.anchor, ds.map((value) => `. 3600 IN DS ${value}\n`).join(''));
  const quoted = ds.map((value) => value.replace(/\S+$/, '"$&"'));
  writeFileSync(
    files.anchorOfBind,
    `trust-anchors {\n${quoted.map((value) => `  . static-ds ${value};\n`).join('')}};\n`,
  );
  return files;
}

/** The client's validating resolver (Unbound), on its loopback; it knows nothing but our root. */
export async function startResolver(folder: string, { hints, anchor }: RootFiles): Promise<void> {
  mkdirSync(dirname(RESOLV_CONF), { recursive: true });
  writeFileSync(RESOLV_CONF, 'nameserver ::1\nnameserver 127.0.0.1\n');
  // What resolvers keep from the real root: names and networks of documentation space.
  const kept = SERVERS.flatMap(({ zones }) => zones).filter((zone) => zone !== '.');
  const reverse = '8.b.d.0.1.0.0.2.ip6.arpa';
  writeFileSync(
    configOf(folder),
    `server:
  interface: ::1
  interface: 127.0.0.1
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  logfile: "${join(folder, 'resolver.log')}"
  val-log-level: 2
  module-config: "validator iterator"
  root-hints: "${hints}"
  trust-anchor-file: "${anchor}"
  # A line that was dead is tried again as soon as it is mended.
  infra-keep-probing: yes
  infra-host-ttl: 1
${[reverse, ...kept].map((zone) => `  local-zone: "${zone}." nodefault\n`).join('')}remote-control:
  control-enable: yes
  control-use-cert: no
  control-interface: "${join(folder, 'resolver.sock')}"
`,
  );
  // It ends with its namespace: see removeLines.
  spawn('ip', ['netns', 'exec', namespace, 'unbound', '-d', '-c', configOf(folder)], {
    stdio: 'ignore',
    detached: true,
  }).unref();
  await until(
    'the resolver answers',
    20,
    async () => (await ask('.', 'SOA').catch(() => undefined))?.validated,
  );
}

/** Removes what is outside of the folder and of the namespaces. */
export function removeResolver(): void {
  rmSync(dirname(RESOLV_CONF), { recursive: true, force: true });
}

/** Lets the resolver forget what it was told and who did not answer. */
export async function forget(folder: string): Promise<void> {
  for (const command of [
    ['flush_zone', '.'],
    ['flush_infra', 'all'],
  ])
    await exec(['unbound-control', '-c', configOf(folder), ...command]);
}

/** Asks the client's resolver. */
export async function ask(name: string, type: string): Promise<Answer> {
  const text = await inNamespace(
    namespace,
    'dig',
    '+noall',
    '+comments',
    '+answer',
    '+nosplit',
    '+time=20',
    '+tries=1',
    name,
    type,
  );
  const records = text.split('\n').flatMap((line) => {
    const [, , , found, ...data] = line.split(/\s+/);
    return !line.startsWith(';') && found === type ? [data.join(' ')] : [];
  });
  return {
    status: /status: (\w+)/.exec(text)?.[1] ?? '',
    validated: /flags:[^;]* ad[ ;]/.test(text),
    records: records.sort(),
  };
}

function configOf(folder: string): string {
  return join(folder, 'unbound.conf');
}
