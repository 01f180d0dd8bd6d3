import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageRecipe } from '../model/image.ts';
import { debsDir, workDir } from './places.ts';
import { withMounted } from './podman.ts';
import type { BuildLog } from './run.ts';
import { runStep } from './run.ts';
import { buildScript, containerfile } from './script.ts';
import { parseStatus } from './status.ts';

export interface ImageJob {
  recipe: ImageRecipe;
  /** Name of the base image. */
  base: string;
  /** Directory of the pinned lists. */
  pin: string;
  cache: string;
  /** Empty directory of this build; `files/<n>` of the recipe are in it. */
  work: string;
  env: Record<string, string>;
  labels: Record<string, string>;
  log: BuildLog;
  progress(text: string, fraction?: number): void;
}

/** Part of the whole that the download is. */
const DOWNLOAD = 0.2;

/**
 * Brings the packages a recipe needs on top of the base into the cache: with this machine's own apt, so
 * that its mirror, proxies, certificates and passwords are used as they are and enter no image.
 */
export async function download({ recipe, base, cache, work, env, log, progress }: ImageJob): Promise<void> {
  if (recipe.packages.length === 0) return;
  progress('waits for its turn to download', 0);
  await withMounted(base, env, (root) =>
    runStep(
      [
        ...['apt-get', 'install', '-y', '-q', '--download-only'],
        ...['-o', `Dir::State::status=${root}/var/lib/dpkg/status`, '-o', 'APT::Status-Fd=2'],
        ...recipe.packages,
      ],
      {
        env: { ...env, APT_CONFIG: join(work, 'apt.conf') },
        log,
        lock: `${debsDir(cache)}.lock`,
        onLine(line) {
          const status = parseStatus(line);
          if (status) progress(status.text, status.fraction * DOWNLOAD);
        },
      },
    ),
  );
}

/** Builds the image, without any network, from what was downloaded, and returns its id; it has no name yet. */
export async function buildImage(job: ImageJob): Promise<string> {
  const { recipe, base, pin, cache, work, env, labels, log, progress } = job;
  writeFileSync(join(work, 'build.sh'), buildScript(recipe));
  writeFileSync(join(work, 'Containerfile'), containerfile(base));
  writeFileSync(join(work, 'sources.sources'), readFileSync(join(pin, 'sources.sources')));
  progress('installing', DOWNLOAD);
  await runStep(
    [
      ...['podman', 'build', '--isolation', 'chroot', '--network', 'host', '--cap-add', 'SYS_ADMIN'],
      ...['--squash', '--format', 'oci', '--pull=never', '--http-proxy=false'],
      ...['-v', `${work}:/mnt:ro`, '-v', `${debsDir(cache)}:/var/cache/apt/archives:ro`],
      ...['-v', `${join(pin, 'lists')}:/var/lib/apt/lists:ro`],
      ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
      ...['--iidfile', join(work, 'id'), '-f', join(work, 'Containerfile'), work],
    ],
    {
      // What buildah puts there and a killed build leaves is cleared with the rest.
      env: { ...env, TMPDIR: workDir(cache) },
      log,
      onLine(line) {
        const status = parseStatus(line);
        if (status) progress(status.text, DOWNLOAD + status.fraction * (0.95 - DOWNLOAD));
        if (line.startsWith('allod:')) progress('finishing', 0.95);
      },
    },
  );
  return readFileSync(join(work, 'id'), 'utf8').trim();
}
