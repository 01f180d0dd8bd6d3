import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { messageOf, PersonFault } from '../util/errors.ts';
import { type Host, probeHost } from './probe-host.ts';
import { tryContainer } from './try-container.ts';

/** How containers are started and their limits kept. */
export interface Choice {
  runtime: 'crun' | 'runc';
  manager: 'systemd' | 'cgroupfs';
}

/**
 * Writes the configuration podman is run with, unless the file is there and was made for this host as it
 * is now. A new one costs about 0.2 s for each way of starting containers that is tried. Returns the path.
 * @throws PersonFault where no way works, with what each answered.
 */
export async function ensureContainersConf(path: string): Promise<string> {
  const host = await probeHost();
  const basis = [commonPart(host), host.cgroup, host.systemd, host.software].join('\n');
  const mark = `# ${createHash('sha256').update(basis).digest('hex')}\n`;
  const present = await readFile(path, 'utf8').catch(() => '');
  if (present.startsWith(mark)) return path;
  const text = mark + containersConf(host, await choose(host));
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, text);
  await rename(temporary, path);
  return path;
}

/** Starts a container and says how it could be: `runc with cgroupfs`. For the doctor. */
export async function startContainer(): Promise<string> {
  const { runtime, manager } = await choose(await probeHost());
  return `${runtime} with ${manager}`;
}

/** The first choice that really starts a container in this host. */
async function choose(host: Host): Promise<Choice> {
  const answers: string[] = [];
  for (const choice of choices(host)) {
    try {
      await tryContainer(containersConf(host, choice));
      return choice;
    } catch (error) {
      answers.push(`${choice.runtime} with ${choice.manager}: ${messageOf(error)}`);
    }
  }
  const message = ['no container could be started on this machine; tried', ...answers].join('\n');
  throw new PersonFault({ where: 'containers', message });
}

/** From best to worst: crun is smaller and faster; systemd, where it runs, wants to own the cgroups itself. */
export function choices(host: Pick<Host, 'cgroup' | 'systemd'>): Choice[] {
  const managers =
    host.systemd && host.cgroup === 'v2' ? (['systemd', 'cgroupfs'] as const) : (['cgroupfs'] as const);
  return managers.flatMap((manager) => [
    { runtime: 'crun', manager },
    { runtime: 'runc', manager },
  ]);
}

/** The text of containers.conf(5) for this host. */
export function containersConf(host: Host, { runtime, manager }: Choice): string {
  return `${commonPart(host)}
[engine]
runtime = "${runtime}"
cgroup_manager = "${manager}"
events_logger = "file"
pull_policy = "never"
`;
}

function commonPart({ hard }: Pick<Host, 'hard'>): string {
  // Root without CAP_SYS_RESOURCE cannot raise a hard limit, and a runtime that tries fails.
  const files = Math.min(16_384, hard.openFiles);
  // Counted over all processes of a user id. It stops a fork bomb where pids_limit does not: podman 4.3 gives
  // that to single containers only, 5.4 to those of pods as well.
  const processes = Math.min(4_096, hard.processes);
  return `[containers]
default_ulimits = ["nofile=${files}:${files}", "nproc=${processes}:${processes}"]
# Containers run without root and without capabilities, and still listen on 53 and 443.
default_sysctls = ["net.ipv4.ip_unprivileged_port_start=0"]
pids_limit = 512
log_driver = "k8s-file"
log_size_max = 10485760
# A pod knows only the names it is given, not those of the host.
base_hosts_file = "none"

[network]
network_backend = "netavark"
`;
}
