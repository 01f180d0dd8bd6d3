import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { clearStage } from '../bench/edge-stage.ts';
import { networkName } from '../engines/podman/network.ts';
import { podman as createPodman, type Podman } from '../engines/podman/podman.ts';
import { ensureContainersConf } from '../host/containers-conf.ts';
import { type Layout, layoutOf } from '../model/layout.ts';
import { removeTables, tableOf } from '../providers/nftables/tables.ts';
import { exec } from '../util/exec.ts';
import { removeUnit } from './unit.ts';

/**
 * Where the bench lives: state, images, containers and temporary files. Always the same, so that what a
 * killed run left is found; its parent belongs to root, so that nobody else can put anything there.
 */
export const PLACE = '/var/lib/allod-bench';

export const DOMAIN = 'bench.example.net';
/** Of the row that changes logins. */
export const ROTATION_DOMAIN = 'rotation.bench.example.net';

/** The site file of the README's site, on a loopback address, so that it is in nobody's way. */
export const SITE_FILE = `${PLACE}/site.yaml`;

export const PLACE_STATE = `${PLACE}/state`;
const STORAGE = `${PLACE}/storage.conf`;

const SITE = `version: 1
domain: ${DOMAIN}
network:
  ipv6: { pool: 2001:db8:be:c::/64 }
  ipv4: { address: 127.66.0.7 }
services:
  contacts: {}
  projects: {}
`;

export function layoutOfPlace(): Layout {
  return layoutOf(PLACE_STATE, DOMAIN);
}

/** Makes the place, and has this process and all it starts live in it. */
export function enterPlace(): void {
  process.env.ALLOD_STATE = PLACE_STATE;
  process.env.TMPDIR = `${PLACE}/tmp`;
  process.env.CONTAINERS_STORAGE_CONF = STORAGE;
  for (const directory of [PLACE, PLACE_STATE, `${PLACE}/tmp`])
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  // Images and containers of the machine's sites are not seen from here, nor touched: containers-storage.conf(5).
  const roots = `graphroot = "${PLACE}/podman/root"\nrunroot = "${PLACE}/podman/run"\n`;
  writeFileSync(STORAGE, `[storage]\ndriver = "overlay"\n${roots}`);
  writeSite([]);
}

/** The site file, with contacts under some more ids. */
export function writeSite(more: string[]): void {
  writeFileSync(SITE_FILE, `${SITE}${more.map((id) => `  ${id}: { type: contacts }\n`).join('')}`);
}

/** podman with the place's own images and containers. */
export async function podmanOfPlace(): Promise<Podman> {
  return createPodman(await ensureContainersConf(`${PLACE}/containers.conf`));
}

/** Removes the place with all that runs in it, whatever state a killed run left it in. */
export async function clearPlace(): Promise<void> {
  if (!existsSync(PLACE)) return;
  enterPlace();
  await removeUnit(DOMAIN);
  endProcesses();
  const podman = await podmanOfPlace();
  await podman(['pod', 'rm', '--all', '--force', '--time', '0']);
  await podman(['rm', '--all', '--force', '--time', '0']);
  for (const domain of [DOMAIN, ROTATION_DOMAIN]) {
    await podman(['network', 'rm', '--force', networkName(domain)]).catch(() => {}); // there may be none
    await removeTables(tableOf(domain));
  }
  await clearStage(podman);
  for (const point of mountsBelow(PLACE)) await exec(['umount', '--lazy', point]);
  rmSync(PLACE, { recursive: true, force: true });
}

/** Ends what was started with the place's state: daemons, and commands of a bench that was killed. */
function endProcesses(): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid))
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (environment.includes(`ALLOD_STATE=${PLACE_STATE}`) && !isOfContainer(pid))
        process.kill(Number(pid), 'SIGKILL');
    } catch {
      // it ended while we looked
    }
}

/** podman's monitors inherit the environment; they end with their containers. */
function isOfContainer(pid: string): boolean {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'conmon';
}

/** Mount points below a directory, the deepest first: the fifth field of proc_pid_mountinfo(5). */
function mountsBelow(directory: string): string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => point.startsWith(`${directory}/`)).reverse();
}
