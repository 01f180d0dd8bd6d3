import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolerConsole, Reload } from '../../model/pod.ts';
import { containerName, type Podman, siteLabel } from './podman.ts';

/** A container that exists, as podman lists it. */
export interface RunningContainer {
  service: string;
  container: string;
  state: string;
  /** Process id on this machine, 0 when it does not run. */
  pid: number;
  /** Seconds since 1970. */
  startedAt: number;
}

interface ContainerListing {
  Names: string[];
  State: string;
  Pid: number;
  StartedAt: number;
  Labels: Record<string, string>;
}

export async function listContainers(podman: Podman, domain: string): Promise<RunningContainer[]> {
  const filter = `label=${siteLabel(domain)}`;
  const json = await podman(['ps', '--all', '--format', 'json', '--filter', filter]);
  return (JSON.parse(json) as ContainerListing[]).map(({ Names, State, Pid, StartedAt, Labels }) => {
    const service = Labels['allod.service'] ?? '';
    const container = (Names[0] ?? '').slice(containerName(domain, service, '').length);
    return { service, container, state: State, pid: State === 'running' ? Pid : 0, startedAt: StartedAt };
  });
}

/** A running process in the pod of each service. */
export function processesOf(containers: RunningContainer[]): Map<string, number> {
  return new Map(containers.filter(({ pid }) => pid > 0).map(({ service, pid }) => [service, pid]));
}

export interface Reloading {
  podman: Podman;
  domain: string;
  find: Finder;
  /** By its console; false where it lets nobody in. */
  tellPooler(service: string, container: string, console: PoolerConsole): Promise<boolean>;
}

/** A container that runs. */
export type Finder = (service: string, container: string) => Promise<RunningContainer | undefined>;

/** Finds running containers; podman is only asked again where a process is not the one it was. */
export function containerFinder(list: () => Promise<RunningContainer[]>): Finder {
  const known = new Map<string, { found: RunningContainer; born: string }>();
  return async (service, container) => {
    const key = `${service}/${container}`;
    const last = known.get(key);
    if (last && bornAt(last.found.pid) === last.born) return last.found;
    known.clear();
    for (const found of await list()) {
      const born = bornAt(found.pid);
      if (born) known.set(`${found.service}/${found.container}`, { found, born });
    }
    return known.get(key)?.found;
  };
}

/** When a process began, in clock ticks since boot: proc_pid_stat(5), field 22. Numbers of processes come again. */
function bornAt(pid: number): string | undefined {
  try {
    const stat = pid > 0 ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/**
 * Makes a running container take in its changed files. False where it does not run: it reads them when it starts.
 * `patience`: milliseconds its process may take to end.
 */
export async function reload(
  { podman, domain, find, tellPooler }: Reloading,
  service: string,
  container: string,
  how: Reload,
  patience = 10_000,
): Promise<boolean> {
  const found = await find(service, container);
  if (!found) return false;
  if (how.how === 'exec') await podman(['exec', containerName(domain, service, container), ...how.argv]);
  else if (how.how === 'pooler') {
    if (!(await tellPooler(service, container, how.console))) signal(found.pid, 'SIGHUP');
  } else if (how.how === 'signal') signal(found.pid, `SIG${how.signal}` as NodeJS.Signals);
  // Its restart policy starts it again. `podman restart` would stop the pod, which ends with its last container.
  else await end(found.pid, patience);
  return true;
}

async function end(pid: number, patience: number): Promise<void> {
  signal(pid, 'SIGTERM');
  const deadline = Date.now() + patience;
  while (signal(pid, 0)) {
    if (Date.now() > deadline) signal(pid, 'SIGKILL');
    await sleep(50);
  }
}

/** False where there is no such process. Signal 0 only asks: kill(2). */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}

/**
 * Memory a process's cgroup holds, in bytes, without file pages that can be dropped (what
 * `systemd-cgtop` and kubelet call the working set). Undefined where the process is gone.
 */
export function memoryOf(pid: number): number | undefined {
  try {
    const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
    const v1 = lines.find((line) => line.split(':')[1]?.split(',').includes('memory'));
    const path = (v1 ?? lines.find((line) => line.startsWith('0::')))?.split(':')[2] ?? '';
    const directory = v1 ? `/sys/fs/cgroup/memory${path}` : `/sys/fs/cgroup${path}`;
    const current = readFileSync(`${directory}/memory.${v1 ? 'usage_in_bytes' : 'current'}`, 'utf8');
    const stat = readFileSync(`${directory}/memory.stat`, 'utf8');
    const inactive = stat.match(v1 ? /^total_inactive_file (\d+)$/m : /^inactive_file (\d+)$/m)?.[1];
    return Number(current) - Number(inactive ?? 0);
  } catch {
    return undefined;
  }
}
