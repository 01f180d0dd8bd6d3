import { existsSync, readdirSync, rmSync } from 'node:fs';
import { fingerprint } from '../model/fingerprint.ts';
import type { ImageSpec } from '../model/image.ts';
import type { Progress, Provider } from '../model/provider.ts';
import { type Change, keyOf, type ObservedResource, type Resource } from '../model/resource.ts';
import { messageOf } from '../util/errors.ts';
import { exec } from '../util/exec.ts';
import { limit } from '../util/limit.ts';
import { admit } from './admit.ts';
import { build } from './build.ts';
import { causeOf, diskFull } from './faults.ts';
import { clearLeftovers } from './leftovers.ts';
import { type Places, sbomFile } from './places.ts';
import { type Env, ourImages } from './podman.ts';
import { SUITE } from './suite.ts';

/** Builds side by side: with more, each only waits for the disk and the processor. */
const WIDTH = 2;

export interface ImageOptions extends Places {
  /** Path of the containers.conf podman is run with. */
  containersConf: string;
}

/**
 * Makes images. podman's store is shared by all sites of a machine, and the name says what is inside,
 * so an image that another site built is taken as it is; what this site uses is what it holds a bill
 * of materials of.
 */
export function imageProvider(options: ImageOptions): Provider {
  const { layout, cache } = options;
  const env = { CONTAINERS_CONF: options.containersConf };
  const turn = limit(WIDTH);
  let cleared: Promise<void> | undefined;

  /** Once per process; after a failure, again before the next build. */
  async function clearOnce(): Promise<void> {
    cleared ??= clearLeftovers(cache, env);
    try {
      await cleared;
    } catch (error) {
      cleared = undefined;
      throw error;
    }
  }

  async function observe(desired: Resource[]): Promise<Record<string, ObservedResource>> {
    const present = new Set(await ourImages(env));
    const held = heldRefs(layout).filter((ref) => present.has(ref));
    const found: Record<string, ObservedResource> = {};
    for (const ref of held) found[`image/${nameOf(ref)}`] = { fingerprint: `outdated: ${ref}` };
    for (const resource of desired) {
      const { ref } = resource.spec as ImageSpec;
      if (held.includes(ref)) found[keyOf(resource)] = { fingerprint: fingerprint(resource.spec) };
    }
    return found;
  }

  async function apply(change: Change, progress: Progress): Promise<void> {
    if (change.action === 'delete') return await remove(change.name);
    try {
      await make(change, progress);
    } catch (error) {
      // The builder says so itself; what goes on before and beside it meets a full disk too.
      if (causeOf(messageOf(error).split('\n')).kind !== 'disk') throw error;
      throw await diskFull(change.name, [cache, layout.images]);
    }
  }

  async function make(change: Change, progress: Progress): Promise<void> {
    await clearOnce();
    const spec = change.spec as ImageSpec;
    const present = await ourImages(env);
    if (!present.includes(spec.ref)) return await build({ layout, cache, env, turn }, spec, progress);
    progress('is there already; listing what is inside', 0.9);
    await admit({ layout, cache }, env, { ...spec, id: spec.ref, suite: SUITE });
  }

  async function remove(name: string): Promise<void> {
    const refs = heldRefs(layout).filter((ref) => nameOf(ref) === name);
    await dropImages(layout, env, refs);
  }

  return { kinds: ['image'], observe, apply };
}

/** Removes images this site used to use and no container does; `keep`: names that stay. */
export async function pruneImages(layout: Places['layout'], env: Env, keep: string[]): Promise<void> {
  await dropImages(
    layout,
    env,
    heldRefs(layout).filter((ref) => !keep.includes(ref)),
  );
}

async function dropImages(layout: Places['layout'], env: Env, refs: string[]): Promise<void> {
  for (const ref of refs) {
    const used = await exec(['podman', 'rmi', ref], { env }).then(
      () => false,
      (error: Error) => !/no such image|image not known/i.test(error.message),
    );
    // In use: podman refuses, and the bill stays until the image can go.
    if (!used) rmSync(sbomFile({ layout }, ref), { force: true });
  }
}

/** Names of the images this site has a bill of materials of. */
function heldRefs({ images }: Places['layout']): string[] {
  if (!existsSync(images)) return [];
  return readdirSync(images).flatMap((file) => {
    const [, name, tag] = /^(.+)-([0-9a-f]{16})\.spdx\.json$/.exec(file) ?? [];
    return name ? [`localhost/allod/${name}:${tag}`] : [];
  });
}

function nameOf(ref: string): string {
  return ref.replace(/^.*\//, '').replace(/:.*$/, '');
}
