import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BASE,
  type ImageRecipe,
  type ImageSpec,
  imageRef,
  type Programs,
  type SuitePin,
} from '../model/image.ts';
import type { Progress } from '../model/provider.ts';
import { PersonFault } from '../util/errors.ts';
import { type ExecError, exec } from '../util/exec.ts';
import { admit, Unexplained } from './admit.ts';
import { buildBase } from './base.ts';
import type { BundleJob } from './bundle-process.ts';
import { BuildError, causeOf, diskFull, StaleSuite } from './faults.ts';
import { aptConf, readHostApt } from './host-apt.ts';
import { buildImage, download, type ImageJob } from './image.ts';
import { aptPlaces, debsDir, logFile, type Places, pinDir, workDir } from './places.ts';
import { type Env, graphRoot, RECIPE_LABEL, SUITE_LABEL, TAG_LABEL } from './podman.ts';
import { type BuildLog, openLog, runStep } from './run.ts';
import { HOME } from './sources.ts';
import { pinOf } from './suite.ts';

export interface Builder extends Places {
  /** For podman: `CONTAINERS_CONF`. */
  env: Env;
  /** Holds a build until it is its turn. */
  turn<T>(build: () => Promise<T>): Promise<T>;
}

/**
 * Builds an image: download, install, check, name. Until the last step it has no name, so that a build
 * killed at any moment leaves nothing that could be taken for the image.
 * Throws {@link BuildError}, {@link StaleSuite}, and PersonFault where the disk is full.
 */
export async function build(builder: Builder, spec: ImageSpec, progress: Progress): Promise<void> {
  const { recipe, ref } = spec;
  const pin = pinOf(builder.cache, recipe, ref);
  const log = openLog(logFile(builder, recipe.name));
  let work: string | undefined;
  let id: string | undefined;
  try {
    mkdirSync(workDir(builder.cache), { recursive: true });
    work = mkdtempSync(join(workDir(builder.cache), `${recipe.name}-`));
    id = await make({ builder, spec, pin, work, log, progress });
    progress('checking', 0.97);
    const { generated } = await admit(builder, builder.env, { id, ref, recipe, suite: pin.suite });
    for (const [path, reason] of Object.entries(generated)) log.write(`generated: ${path}: ${reason}`);
  } catch (error) {
    if (id) await exec(['podman', 'rmi', id], { env: builder.env }).catch(() => {}); // has no name: cleared at the next start
    throw await explain(error, builder, recipe, log);
  } finally {
    if (work) rmSync(work, { recursive: true, force: true });
    await log.close();
  }
}

interface Task {
  builder: Builder;
  spec: ImageSpec;
  pin: SuitePin;
  work: string;
  log: BuildLog;
  progress: Progress;
}

/** Returns the id of the image made. */
async function make({ builder, spec, pin, work, log, progress }: Task): Promise<string> {
  const { cache, env, turn } = builder;
  const { recipe, ref } = spec;
  mkdirSync(join(work, 'files'));
  for (const [i, { text }] of Object.values(recipe.files).entries())
    writeFileSync(join(work, 'files', String(i)), text);
  if (recipe.programs) {
    progress('bundling', 0);
    await bundleInto(recipe.programs, work, env, log);
  }
  const labels = {
    [RECIPE_LABEL]: recipe.name,
    [SUITE_LABEL]: `${pin.suite}@${pin.digest.slice(0, 16)}`,
    [TAG_LABEL]: ref.replace(/^.*:/, ''),
  };
  const host = await readHostApt(); // anew for every build: a proxy may have changed since the lists were fetched
  const common = { recipe, work, pin: pinDir(cache, pin.digest), env, labels, log, progress };
  if (recipe.name === BASE.name) return await turn(() => buildBase({ ...common, host, suite: pin.suite }));
  const job: ImageJob = { ...common, cache, base: imageRef(BASE, pin) };
  writeFileSync(join(work, 'apt.conf'), aptConf(host, aptPlaces(cache, common.pin)));
  await download(job);
  return await turn(() => buildImage(job));
}

/** Programs of the recipe under `programs/`, as they will stand in the image. */
async function bundleInto(programs: Programs, work: string, env: Env, log: BuildLog): Promise<void> {
  const job = join(work, 'bundle.json');
  writeFileSync(
    job,
    JSON.stringify({ programs, home: HOME, out: join(work, 'programs') } satisfies BundleJob),
  );
  const bundler = join(import.meta.dirname, 'bundle-process.ts');
  await runStep([process.execPath, '--disable-warning=ExperimentalWarning', bundler, job], { env, log });
}

/** Turns whatever a build ended with into words for a person. */
async function explain(
  error: unknown,
  builder: Builder,
  recipe: ImageRecipe,
  log: BuildLog,
): Promise<unknown> {
  if (error instanceof PersonFault) return error;
  if (error instanceof Unexplained) {
    for (const path of error.paths) log.write(`unexplained: ${path}`);
    return new BuildError(recipe.name, error.message, log.file);
  }
  const code = (error as NodeJS.ErrnoException).code;
  const cause = code === 'ENOSPC' ? { kind: 'disk' as const } : causeOf(log.lines, recipe.run);
  const { cache, layout, env } = builder;
  if (cause.kind === 'disk') {
    const store = await graphRoot(env).catch(() => cache);
    return await diskFull(recipe.name, [debsDir(cache), cache, layout.images, store]);
  }
  if (cause.kind === 'stale')
    return new StaleSuite(
      `image ${recipe.name}: the mirror no longer has ${cause.file} of the pinned state; pin the suite again`,
    );
  // Anything that is not a command that failed is a bug of ours and stays as it is.
  if ((error as ExecError).name !== 'ExecError') return error;
  dropBroken(cache, log.lines);
  return new BuildError(recipe.name, cause.text, log.file);
}

/** A package file that dpkg could not read was damaged after apt had proved it: fetch it anew next time. */
function dropBroken(cache: string, lines: string[]): void {
  for (const line of lines) {
    const name =
      /archives\/([^/ :]+\.deb)[: ].*(corrupt|unexpected end of file|not a Debian format|decompress)/i.exec(
        line,
      )?.[1];
    if (name) rmSync(join(debsDir(cache), name), { force: true });
  }
}
