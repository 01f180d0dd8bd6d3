import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { imageProvider } from '../../src/build/provider.ts';
import { pinSuite } from '../../src/build/suite.ts';
import { fingerprint } from '../../src/model/fingerprint.ts';
import { BASE, type ImageRecipe, imageRef } from '../../src/model/image.ts';
import { STATE } from './site.ts';

/** Name of the image of a recipe, built where this machine has none; without a site. */
export async function ensureImage(recipe: ImageRecipe, containersConf: string): Promise<string> {
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
    const resource = { kind: 'image', name: each.name, service: 'site', why, needs: [], spec } as const;
    const change = { action: 'create', key: `image/${each.name}`, ...resource } as const;
    await provider.apply({ ...change, fingerprint: fingerprint(spec) }, () => {});
  }
  return imageRef(recipe, pin);
}
