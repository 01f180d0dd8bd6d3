import { dirname } from 'node:path';
import type { ImageRecipe } from '../model/image.ts';

/** Where the build sees what was prepared for it. A directory that base-files owns, so nothing stays behind. */
const WORK = '/mnt';

const APT = [
  'apt-get -y -q --no-download',
  '-o Debug::NoLocking=1 -o APT::Sandbox::User=root -o APT::Status-Fd=3 -o Dpkg::Use-Pty=0',
  `-o Dir::Etc::sourcelist=${WORK}/sources.sources -o Dir::Etc::sourceparts=/dev/null`,
  '-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=',
  // Where a file of ours stands in place of a package's own, ours stays.
  '-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold',
  'install',
].join(' ');

/**
 * The Containerfile: one step, in a network and process namespace of its own, that dies with the build.
 * All files of the build come by the mount at /mnt, so that nothing of it stays in the image.
 */
export function containerfile(base: string): string {
  const argv = [
    ...['setpriv', '--pdeathsig', 'KILL'],
    ...['unshare', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', '--'],
    ...['sh', `${WORK}/build.sh`],
  ];
  return `FROM ${base}\nRUN ${JSON.stringify(argv)}\n`;
}

/** In an image: the files that the recipe's shell lines made, one absolute path on a line. */
export const MADE = '/usr/share/allod/made';

const LIST = "find / -xdev ! -type d ! -path '/tmp/*' | LC_ALL=C sort";

const LIST_MADE = [
  `mkdir -p ${dirname(MADE)}`,
  `${LIST} | LC_ALL=C comm -13 /tmp/allod-before - >/tmp/allod-made`,
  `mv /tmp/allod-made ${MADE}`,
];

/** The shell script that makes the image of a recipe out of the base. */
export function buildScript({ packages, users, files, programs, run }: ImageRecipe): string {
  return [
    'set -eu',
    // Progress goes to standard error alone, so that no other output can come between.
    'exec 3>&2 2>&1',
    'export DEBIAN_FRONTEND=noninteractive HOME=/root LC_ALL=C.UTF-8',
    ...users.flatMap(userLines),
    ...placeFiles(files, WORK, '', (path) => path.startsWith('/etc/')),
    ...(packages.length > 0 ? [`${APT} ${packages.map(quote).join(' ')}`] : []),
    ...placeFiles(files, WORK, ''),
    // With the modes they were bundled with; directories that are there keep theirs.
    ...(programs ? [`cp -r ${WORK}/programs/. /`] : []),
    ...(run.length > 0 ? [`${LIST} >/tmp/allod-before`] : []),
    ...run.flatMap((line, i) => [`echo allod:run:${i}; echo allod:run:${i} >&3`, `sh -euc ${quote(line)}`]),
    'echo allod:tidy >&3',
    ...(run.length > 0 ? LIST_MADE : []),
    ...TIDY,
    '',
  ].join('\n');
}

/** Lines that put the recipe's files, numbered in `<from>/files/`, under `root`; existing directories stay as they are. */
export function placeFiles(
  files: ImageRecipe['files'],
  from: string,
  root: string,
  wanted: (path: string) => boolean = () => true,
): string[] {
  return Object.entries(files).flatMap(([path, { mode }], i) => {
    if (!wanted(path)) return [];
    const target = root ? `${root}${quote(path)}` : quote(path);
    return `install -D -m ${mode.toString(8).padStart(4, '0')} ${from}/files/${i} ${target}`;
  });
}

/** An account of ours takes the place of one of the same name; nobody can sign in to it. */
function userLines({ name, uid, home }: ImageRecipe['users'][number]): string[] {
  const entries = {
    passwd: `${name}:x:${uid}:${uid}::${home}:/usr/sbin/nologin`,
    group: `${name}:x:${uid}:`,
    shadow: `${name}:!*:1::::::`,
    gshadow: `${name}:!*::`,
  };
  return Object.entries(entries).flatMap(([file, line]) => [
    `if [ -e /etc/${file} ]; then sed -i '/^${name}:/d' /etc/${file}; echo ${quote(line)} >>/etc/${file}; fi`,
  ]);
}

/** What differs from build to build, is of no use in an image, or must never be in one: private keys. */
export const TIDY = [
  'rm -f /etc/ssl/private/ssl-cert-snakeoil.key /etc/ssl/certs/ssl-cert-snakeoil.pem /etc/ssh/ssh_host_*',
  'find /etc/ssl/certs -xtype l -delete 2>/dev/null || true',
  'rm -f /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- /etc/subuid- /etc/subgid- /etc/.pwd.lock',
  'rm -f /var/lib/dpkg/*-old /var/cache/debconf/*-old /var/cache/apt/*.bin /var/cache/ldconfig/aux-cache',
  'rm -f /var/lib/dpkg/lock /var/lib/dpkg/lock-frontend /var/lib/dpkg/triggers/Lock /var/lib/dbus/machine-id',
  'if [ -e /etc/machine-id ]; then : >/etc/machine-id; fi',
  'find /var/log -type f -delete',
  'rm -rf /tmp/* /var/tmp/* /root/.cache /run/adduser',
];

/** As one word of a shell line. */
export function quote(word: string): string {
  return /^[\w./:=@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
