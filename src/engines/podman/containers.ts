import { readFileSync } from 'node:fs';
import type { Reload } from '../../model/pod.ts';
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

/** Makes a running container take in its changed files. One that does not run reads them when it starts. */
export async function reload(
  podman: Podman,
  domain: string,
  service: string,
  container: string,
  how: Reload,
): Promise<void> {
  const name = containerName(domain, service, container);
  const running = (await listContainers(podman, domain)).some(
    (c) => c.service === service && c.container === container && c.pid > 0,
  );
  if (!running) return;
  if (how.how === 'signal') await podman(['kill', '--signal', how.signal, name]);
  else if (how.how === 'exec') await podman(['exec', name, ...how.argv]);
  else await podman(['restart', '--time', '10', name]);
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
