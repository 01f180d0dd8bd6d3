import { readdirSync, readFileSync } from 'node:fs';
import { podmanOf, type TestSite } from './site.ts';

export interface ContainerProcess {
  /** `contacts-app` */
  name: string;
  pid: number;
}

/** The main process of every container of a site, podman's own ones left out. */
export function containersOf(site: TestSite): ContainerProcess[] {
  const filter = `label=allod.site=${site.domain}`;
  return podmanOf(site, 'ps', '--filter', filter, '--format', '{{.Names}} {{.Pid}}')
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', pid] = line.split(' ');
      return { name: name.replace(`.${site.domain}.allod-`, '-'), pid: Number(pid) };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Process id of the daemon that looks after a domain, found without asking it; 0 where none runs. */
export function daemonOf(domain: string): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (argv.at(-3) === 'daemon' && argv.at(-2) === domain) return Number(pid);
    } catch {
      // a process that ended while we looked
    }
  }
  return 0;
}

export function isAlive(pid: number): boolean {
  try {
    // A zombie is dead: its third field is Z (proc_pid_stat(5)).
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
