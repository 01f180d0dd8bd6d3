import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Package {
  name: string;
  version: string;
  architecture: string;
  /** Source package, and its version where it is another. */
  source: string;
}

/** The installed packages of a root, from dpkg's database. */
export async function installedPackages(root: string): Promise<Package[]> {
  return parseStatusFile(await readFile(join(root, 'var/lib/dpkg/status'), 'utf8'));
}

export function parseStatusFile(text: string): Package[] {
  return text.split('\n\n').flatMap((stanza) => {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
    if (!/^Status: .* installed$/m.test(stanza)) return [];
    const name = field('Package');
    const version = field('Version');
    const source = field('Source') || name;
    return [{ name, version, architecture: field('Architecture'), source }];
  });
}

/**
 * Every path that dpkg, its diversions, update-alternatives or ucf account for, without the leading
 * slash and as it is on a system with merged /usr.
 */
export async function ownedPaths(root: string): Promise<Set<string>> {
  const admin = join(root, 'var/lib/dpkg');
  const owned = new Set<string>();
  const own = (path: string) => owned.add(canonicalPath(path));
  const lists = (await readdir(join(admin, 'info'))).filter((name) => name.endsWith('.list'));
  for (const list of lists) for (const path of await linesOf(join(admin, 'info', list))) own(path);
  // diversions: path, its new name, package, in turns.
  for (const path of await linesOf(join(admin, 'diversions'))) own(path);
  for (const name of await readdir(join(admin, 'alternatives')).catch(() => [])) {
    own(`/etc/alternatives/${name}`);
    for (const path of alternativeLinks(await linesOf(join(admin, 'alternatives', name)))) own(path);
  }
  for (const line of await linesOf(join(root, 'var/lib/ucf/registry'))) own(line.replace(/^\S+\s+/, ''));
  return owned;
}

/** Links of one alternative (update-alternatives(1)): status, link, then name and link of each slave up to an empty line. */
export function alternativeLinks([, link = '', ...rest]: string[]): string[] {
  const end = rest.indexOf('');
  const slaves = end < 0 ? rest : rest.slice(0, end);
  return [link, ...slaves.map((line, i) => (i % 2 === 0 ? `/etc/alternatives/${line}` : line))];
}

export function canonicalPath(path: string): string {
  return path.replace(/^\/+/, '').replace(/^(bin|sbin|lib|lib32|lib64|libx32)\//, 'usr/$1/');
}

/** Lines of a file, the empty ones too; none where there is no such file. */
async function linesOf(file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
