import { statSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { release } from 'node:os';

/** What decides how containers can be run here; all of it is read in about a millisecond. */
export interface Host {
  /** `hybrid`: version 1 with a version 2 hierarchy beside it, which crun refuses when it has controllers. */
  cgroup: 'v1' | 'v2' | 'hybrid';
  /** Whether systemd is the first process: sd_booted(3). */
  systemd: boolean;
  /** Hard limits of this process, what its children cannot exceed: setrlimit(2). */
  hard: { openFiles: number; processes: number };
  /** Changes with the kernel, podman and the runtimes, so that a choice made for another set is not kept. */
  software: string;
}

/** Reads the host; nothing is run and nothing is written. */
export async function probeHost(): Promise<Host> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  return {
    cgroup: await cgroupVersion(),
    systemd: modified('/run/systemd/system') !== undefined,
    hard: { openFiles: hardLimit(limits, 'Max open files'), processes: hardLimit(limits, 'Max processes') },
    software: [release(), ...['/usr/bin/podman', '/usr/bin/crun', '/usr/sbin/runc'].map(modified)].join(' '),
  };
}

/** A hard limit out of the text of proc_pid_limits(5); Infinity where there is none. */
export function hardLimit(limits: string, name: string): number {
  const line = limits.split('\n').find((text) => text.startsWith(name)) ?? '';
  const hard = line.slice(name.length).trim().split(/\s+/)[1];
  return hard === undefined || hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}

/** CGROUP2_SUPER_MAGIC of statfs(2). */
const CGROUP2 = 0x63677270;

async function cgroupVersion(): Promise<Host['cgroup']> {
  if ((await statfs('/sys/fs/cgroup')).type === CGROUP2) return 'v2';
  const unified = await statfs('/sys/fs/cgroup/unified').catch(() => undefined);
  return unified?.type === CGROUP2 ? 'hybrid' : 'v1';
}

function modified(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
