import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { imageProvider } from '../../src/build/provider.ts';
import { pinSuite } from '../../src/build/suite.ts';
import { fingerprint } from '../../src/model/fingerprint.ts';
import { BASE, type ImageRecipe, imageRef } from '../../src/model/image.ts';
import type { Change } from '../../src/model/resource.ts';
import { Transient } from '../../src/util/errors.ts';
import { exec } from '../../src/util/exec.ts';
import { STATE } from './site.ts';

/** Name of the image of a recipe, built where this machine has none; without a site. Offline, the newest there is. */
export async function ensureImage(recipe: ImageRecipe, containersConf: string): Promise<string> {
  try {
    return await build(recipe, containersConf);
  } catch (error) {
    const format = ['--format', '{{.Repository}}:{{.Tag}}', `localhost/allod/${recipe.name}`];
    const there = await exec(['podman', 'images', ...format], { env: { CONTAINERS_CONF: containersConf } });
    if (!(error instanceof Transient) || there === '') throw error;
    return there.split('\n')[0] ?? '';
  }
}

async function build(recipe: ImageRecipe, containersConf: string): Promise<string> {
  const root = join(STATE, 'images');
  const cache = join(root, 'cache');
  mkdirSync(cache, { recursive: true });
  const pin = await pinSuite({ cache });
  const provider = imageProvider({
    layout: { images: join(root, 'bills'), log: join(root, 'log') },
    ...{ cache, containersConf },
  });
  for (const each of [BASE, recipe]) {
    const spec = { recipe: each, ref: imageRef(each, pin) };
    const why = { service: 'site', rule: 'image', sentence: 'a test' };
    const resource = { kind: 'image', name: each.name, service: 'site', why, needs: [], spec };
    const change = { key: `image/${each.name}`, ...resource, fingerprint: fingerprint(spec) };
    await provider.apply({ action: 'create', ...change } as Change, () => {});
  }
  return imageRef(recipe, pin);
}
