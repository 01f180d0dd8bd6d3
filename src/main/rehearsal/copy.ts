import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseIfInet6 } from '../../engines/podman/if-inet6.ts';
import { podmanEnv, siteLabel } from '../../engines/podman/podman.ts';
import { call, NoDaemon } from '../../server/client.ts';
import { Transient } from '../../util/errors.ts';
import { exec } from '../../util/exec.ts';
import { NAMESPACES } from './lines.ts';
import { COPY_ENVIRONMENT, layoutOfCopy, NETWORKS, PLACE } from './place.ts';

/** The daemon of the copy, with all that it starts, in namespaces of its own. */
export interface Copy {
  socket: string;
  /** When each container was started, by name. */
  started(): Promise<Map<string, string>>;
  /** Every global IPv6 address of its pods and of its machine. */
  ipv6(): Promise<string[]>;
  /** Its packet filter as text. */
  rules(): Promise<string>;
  /** Ends it at once, and with it everything in it. */
  end(): Promise<void>;
}

const MAIN = new URL('../../main.ts', import.meta.url).pathname;
const LOG = `${PLACE}/daemon.log`;

/**
 * What podman and its helpers share by fixed paths is hidden from the copy: its own locks, networks, given addresses and
 * states of containers cannot be taken for those of the site. systemd too, which would start things beside it.
 */
const HIDE = `set -eu
networks=$1
shift
mount -t tmpfs -o mode=1777 allod /dev/shm
for directory in /run/libpod /run/containers /run/netns /run/runc /run/crun /run/systemd; do
  [ ! -d "$directory" ] || mount -t tmpfs -o mode=755 allod "$directory"
done
mount --bind "$networks" /etc/containers/networks
exec "$@"
`;

/**
 * Starts it. Its first process is the first one of a PID namespace that ends with this process, however that ends: the
 * kernel ends all others with it (pid_namespaces(7)), and the mounts go with the last of them.
 */
export async function startCopy(domain: string): Promise<Copy> {
  const layout = layoutOfCopy(domain);
  const output = openSync(LOG, 'a', 0o600);
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'nsenter', `--net=/run/netns/${NAMESPACES.machine}`],
      ...['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
      // Reaps what is left to the first process.
      ...['catatonit', '--', 'sh', '-c', HIDE, 'sh', NETWORKS],
      ...[process.execPath, ...process.execArgv, '--expose-gc', MAIN, 'daemon', domain],
    ],
    // In a session of its own, ^C does not reach it: it is ended here.
    { detached: true, stdio: ['ignore', output, output], cwd: '/', env: environment() },
  );
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  child.on('exit', () => resolve());
  child.on('error', () => resolve());
  const copy = inspect(child, layout.containersConf, domain);
  // The first process inside is gone only when all others are.
  const end = async () => {
    const first = firstInside(child);
    if (first) process.kill(Number(first), 'SIGKILL');
    else child.kill('SIGKILL');
    await ended;
  };
  for (let i = 0; i < 600; i++) {
    await sleep(50);
    if (await answers(layout.socket)) return { ...copy, socket: layout.socket, end };
    if (child.exitCode !== null || child.signalCode !== null) break;
  }
  await end();
  throw new Transient(`the daemon of the copy did not start: ${lastLines()}`);
}

function inspect(child: ChildProcess, containersConf: string, domain: string) {
  function inside(...argv: string[]): Promise<string> {
    const first = firstInside(child) ?? '';
    const env = { ...COPY_ENVIRONMENT, ...podmanEnv(containersConf) };
    return exec(['nsenter', '-t', first, '--mount', '--pid', '--net', ...argv], { env });
  }
  return {
    async started() {
      const filter = `label=${siteLabel(domain)}`;
      const json = await inside('podman', 'ps', '--all', '--format', 'json', '--filter', filter);
      const all = JSON.parse(json) as { Names: string[]; StartedAt: number; Id: string }[];
      return new Map(all.map(({ Names, StartedAt, Id }) => [Names[0] ?? Id, `${Id} ${StartedAt}`]));
    },
    async ipv6() {
      const text = await inside('sh', '-c', 'cat /proc/[0-9]*/net/if_inet6');
      return [...new Set(parseIfInet6(text).map(({ address }) => address))];
    },
    rules: () => inside('nft', 'list', 'ruleset'),
  };
}

/** Process id of the one child of unshare(1), as seen from here: proc_tid_children(5). */
function firstInside({ pid }: ChildProcess): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0] || undefined;
  } catch {
    return undefined; // it has ended
  }
}

async function answers(socket: string): Promise<boolean> {
  try {
    await call(socket, 'ping', {});
    return true;
  } catch (error) {
    if (error instanceof NoDaemon) return false;
    throw error;
  }
}

/** Nothing of a shell but what programs need to run. */
function environment(): Record<string, string> {
  const { PATH = '', HOME = '/root', NODE_COMPILE_CACHE } = process.env;
  return { PATH, HOME, ...(NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {}), ...COPY_ENVIRONMENT };
}

function lastLines(): string {
  return readFileSync(LOG, 'utf8').trim().split('\n').slice(-5).join('; ');
}
