import { readFile } from 'node:fs/promises';
import { PersonFault } from '../util/errors.ts';
import { exec } from '../util/exec.ts';
import { aptInstall } from './apt.ts';

export interface HostPackage {
  name: string;
  /** Completes "to …". */
  why: string;
}

/** The fields of os-release(5) that decide which packages are needed. */
export interface Release {
  id: string;
  /** Empty where the release has none: Debian testing and unstable. */
  version: string;
}

/**
 * What this program runs on the host, found by leaving out each on a bare Debian 12 until something
 * failed. Their own dependencies (conmon, gpg) come along; recommended packages are not needed.
 */
export function hostPackages(release: Release): HostPackage[] {
  const packages = [
    { name: 'podman', why: 'run the services' },
    { name: 'crun', why: 'start containers' },
    { name: 'runc', why: 'start containers where crun does not work' },
    { name: 'catatonit', why: 'hold the containers of a pod together' },
    { name: 'netavark', why: 'connect the pods' },
    { name: 'nftables', why: 'keep closed what no service opens' },
    { name: 'iproute2', why: 'read and set addresses and routes' },
    { name: 'openssl', why: 'issue certificates' },
    { name: 'mmdebstrap', why: 'build images' },
    { name: 'debian-archive-keyring', why: 'check the signatures of what images are built from' },
  ];
  // netavark of Debian 12 (1.4) forwards ports with iptables, that of Debian 13 (1.14) with nftables.
  if (!isDebian13OrLater(release)) packages.push({ name: 'iptables', why: 'forward ports to pods' });
  return packages;
}

function isDebian13OrLater({ id, version }: Release): boolean {
  return id === 'debian' && (version === '' || Number.parseInt(version, 10) >= 13);
}

/** What is needed and not installed; all of it on a machine without dpkg. About 20 ms. */
export async function missingPackages(more: HostPackage[] = []): Promise<HostPackage[]> {
  const osRelease = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const installed = await installedPackages();
  return [...hostPackages(parseRelease(osRelease)), ...more].filter(({ name }) => !installed.has(name));
}

/**
 * Installs what is missing, and `more` for those who need more than the program; `say` hears what and why before anything happens.
 * @throws PersonFault naming the packages, where this machine has no apt or apt cannot install them.
 */
export async function ensurePackages(say: (line: string) => void, more: HostPackage[] = []): Promise<void> {
  const missing = await missingPackages(more);
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  const why = missing.map((item) => `  ${item.name}, to ${item.why}`);
  say(['This machine lacks packages; apt installs them now:', ...why].join('\n'));
  const failure = await aptInstall(names, say);
  if (failure) {
    const message = `${failure}. Needed: ${names.join(' ')}. Install them yourself, or mend apt and try again`;
    throw new PersonFault({ where: 'packages', message });
  }
}

export function parseRelease(osRelease: string): Release {
  const field = (name: string) => osRelease.match(new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm'))?.[1] ?? '';
  return { id: field('ID'), version: field('VERSION_ID') };
}

async function installedPackages(): Promise<Set<string>> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is dpkg-query's own notation
  const format = '${db:Status-Status} ${Package}\n';
  const listing = await exec(['dpkg-query', '--show', `--showformat=${format}`]).catch(() => '');
  const lines = listing.split('\n').filter((line) => line.startsWith('installed '));
  return new Set(lines.map((line) => line.slice('installed '.length)));
}
