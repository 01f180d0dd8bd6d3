import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageRecipe } from '../model/image.ts';
import type { HostApt } from './host-apt.ts';
import type { BuildLog } from './run.ts';
import { runStep } from './run.ts';
import { placeFiles, quote, TIDY } from './script.ts';

export interface BaseJob {
  recipe: ImageRecipe;
  suite: string;
  /** Directory of the pinned lists. */
  pin: string;
  /** Empty directory of this build; `files/<n>` of the recipe are in it. */
  work: string;
  host: HostApt;
  env: Record<string, string>;
  labels: Record<string, string>;
  log: BuildLog;
  progress(text: string, fraction: number): void;
}

/** How far mmdebstrap is when it says these words; seconds measured, as a part of the whole. */
const STAGES: [words: string, text: string, fraction: number][] = [
  ['downloading packages', 'downloading', 0.02],
  ['extracting archives', 'unpacking', 0.15],
  ['installing essential', 'installing', 0.4],
  ['running --customize-hook', 'tidying', 0.8],
  ['creating tarball', 'packing', 0.82],
];

/** Makes the base image out of the pinned lists and returns its id. */
export async function buildBase(job: BaseJob): Promise<string> {
  const { suite, pin, work, env, log, progress } = job;
  const tar = join(work, 'base.tar');
  writeFileSync(join(work, 'setup.sh'), setupScript(job));
  writeFileSync(join(work, 'finish.sh'), finishScript(job));
  writeFileSync(join(work, 'apt.conf'), aptOptions(job.host));
  await runStep(
    [
      ...['mmdebstrap', '--variant=apt', '--mode=root', '--format=tar'],
      // The lists are there and proved; nothing of apt's is to be cleaned but what the script cleans faster.
      '--skip=update,cleanup/apt,check/signed-by,check/empty,check/qemu,chroot/policy-rc.d',
      `--aptopt=${join(work, 'apt.conf')}`,
      `--setup-hook=sh ${quote(join(work, 'setup.sh'))} "$1"`,
      `--customize-hook=sh ${quote(join(work, 'finish.sh'))} "$1"`,
      ...(job.recipe.packages.length > 0 ? [`--include=${job.recipe.packages.join(',')}`] : []),
      ...[suite, tar, join(pin, 'sources.sources')],
    ],
    {
      env: { ...env, TMPDIR: work },
      log,
      onLine(line) {
        const stage = STAGES.find(([words]) => line.includes(words));
        if (stage) progress(stage[1], stage[2]);
      },
    },
  );
  progress('storing', 0.88);
  const changes = [
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...Object.entries(job.labels).map(([name, value]) => `LABEL ${name}=${value}`),
  ];
  const id = await runStep(
    ['podman', 'import', '--quiet', ...changes.flatMap((change) => ['--change', change]), tar],
    { env: { ...env, TMPDIR: work }, log },
  );
  rmSync(tar);
  return id.trim();
}

function setupScript({ recipe, pin, work }: BaseJob): string {
  const lists = quote(join(pin, 'lists'));
  return [
    'set -eu',
    // Links where the cache is on the same file system: the lists are 60 MB.
    `for list in ${lists}/*_*; do cp -l "$list" "$1/var/lib/apt/lists/" 2>/dev/null || cp "$list" "$1/var/lib/apt/lists/"; done`,
    ...placeFiles(recipe.files, quote(work), '"$1"'),
    '',
  ].join('\n');
}

function finishScript({ recipe, work }: BaseJob): string {
  return [
    'set -eu',
    ...placeFiles(recipe.files, quote(work), '"$1"'),
    ...recipe.run.flatMap((line, i) => [`echo allod:run:${i}`, `chroot "$1" sh -euc ${quote(line)}`]),
    `chroot "$1" sh -euc ${quote(TIDY.join('\n'))}`,
    // How this machine reaches its mirror is not part of an image.
    'rm -rf "$1"/etc/apt/sources.list* "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap',
    // mmdebstrap of Debian 13 leaves here what it installed.
    'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/archives/*.deb',
    'rm -f "$1"/etc/resolv.conf "$1"/etc/hostname',
    '',
  ].join('\n');
}

function aptOptions(host: HostApt): string {
  return [
    'Acquire::Languages "none";',
    'Dir::Etc::netrc "/etc/apt/auth.conf";',
    'Dir::Etc::netrcparts "/etc/apt/auth.conf.d/";',
    ...host.settings,
    '',
  ].join('\n');
}
