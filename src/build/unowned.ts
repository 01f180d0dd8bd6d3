import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '../util/exec.ts';
import { canonicalPath, ownedPaths } from './dpkg.ts';
import { MADE } from './script.ts';

/** What maintainer scripts and tools make out of what packages bring, and why each may be there. */
const GENERATED: [path: RegExp, reason: string][] = [
  [/^dev\//, 'device nodes; a container gets a /dev of its own'],
  [
    /^(etc\/(hostname|hosts|resolv\.conf)|run\/\.containerenv|run\/secrets)$/,
    'mount points of the container engine',
  ],
  [
    /^etc\/(passwd|group|shadow|gshadow|subuid|subgid|shells)$|^var\/lib\/shells\.state$/,
    'the list of accounts and shells',
  ],
  [
    /^etc\/(motd|profile|nsswitch\.conf|environment|fstab|dpkg\/origins\/default)$/,
    'starting points of base-files',
  ],
  [/^(root\/\.(bashrc|profile)|usr\/local\/man|var\/spool\/mail)$/, 'starting points of base-files'],
  [/^etc\/ld\.so\.cache$/, 'ldconfig'],
  [/^etc\/(pam\.d\/common-[a-z-]+|security\/opasswd)$|^var\/lib\/pam\//, 'pam-auth-update'],
  [/^etc\/ssl\/certs\/|^etc\/ca-certificates\.conf$/, 'update-ca-certificates'],
  [/^etc\/systemd\/system\/|^var\/lib\/systemd\/deb-systemd-/, 'deb-systemd-helper; no systemd runs'],
  [/^etc\/rc[0-6S]\.d\//, 'update-rc.d; no init runs'],
  [/^etc\/machine-id$/, 'empty'],
  [
    /^etc\/(hosts\.(allow|deny)|networks|inputrc|localtime|timezone|locale\.(conf|gen)|default\/locale)$/,
    'starting points of libwrap0, netbase, readline, tzdata and locales',
  ],
  [/^etc\/fonts\/conf\.d\//, 'fontconfig'],
  [
    /^var\/lib\/redmine\/(Gemfile\.lock|default\/(config|log|tmp|public\/assets))$|^var\/cache\/redmine\/default\/tmp\/restart\.txt$/,
    'redmine: gem lock and links of its first instance',
  ],
  [/^etc\/python3\/debian_config$/, 'starting point of python3'],
  [
    /^etc\/nginx\/(modules|sites)-enabled\/|^var\/www\/html\/index\.nginx-debian\.html$/,
    'nginx: modules and the first site switched on',
  ],
  [/^etc\/(postgresql-common\/root\.crt|apt\/apt\.conf\.d\/02autoremove-postgresql)$/, 'postgresql-common'],
  [/^var\/lib\/(dpkg|apt|ucf|python)\//, "the package tools' own records"],
  [/^var\/cache\/(debconf|apt|dictionaries-common)\//, "the package tools' own records"],
];

export interface Unowned {
  /** Files that nothing accounts for. */
  unexplained: string[];
  /** Files no package brings, by path, and what made them. */
  generated: Record<string, string>;
}

/** Accounts for every file of a root: brought by a package, by the recipe, or known to be generated. */
export async function findUnowned(root: string, ours: string[]): Promise<Unowned> {
  const [owned, listing] = await Promise.all([
    ownedPaths(root),
    exec(['find', root, '-xdev', '!', '-type', 'd', '-printf', '%P\\0']),
  ]);
  for (const path of [...ours, MADE]) owned.add(canonicalPath(path));
  const made = new Set(
    (await readFile(join(root, MADE), 'utf8').catch(() => '')).split('\n').map(canonicalPath),
  );
  const unexplained: string[] = [];
  const generated: Record<string, string> = {};
  for (const path of listing.split('\0')) {
    if (path === '' || owned.has(path)) continue;
    const reason = made.has(path) ? 'shell lines of the recipe' : reasonFor(path, owned);
    if (reason) generated[`/${path}`] = reason;
    else unexplained.push(`/${path}`);
  }
  return { unexplained: unexplained.sort(), generated };
}

/** Why a file that no package brings may be there. */
export function reasonFor(path: string, owned: Set<string>): string | undefined {
  const source = /^(.*)\/__pycache__\/([^/.]+)\.[^/]+\.pyc$/.exec(path);
  if (source && owned.has(`${source[1]}/${source[2]}.py`)) return 'compiled from the .py beside it';
  return GENERATED.find(([pattern]) => pattern.test(path))?.[1];
}
