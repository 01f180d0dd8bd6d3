import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BASE, type ImageRecipe } from '../model/image.ts';
import { exec } from '../util/exec.ts';
import { type Brought, LISTED } from './brought.ts';
import { type Places, sbomFile } from './places.ts';
import { type Env, ourImages, withMounted } from './podman.ts';
import { billOfMaterials } from './spdx.ts';
import { findUnowned, type Unowned } from './unowned.ts';

export interface Candidate {
  /** Id of a built image, or a name it already has. */
  id: string;
  ref: string;
  recipe: ImageRecipe;
  suite: string;
}

/** What nothing explains; the image is not admitted. */
export class Unexplained extends Error {
  override name = 'Unexplained';
  readonly paths: string[];

  constructor(paths: string[]) {
    const shown = paths.slice(0, 5).join(', ');
    const more = paths.length > 5 ? ` and ${paths.length - 5} more` : '';
    super(`files that no package brings and no rule explains: ${shown}${more}`);
    this.paths = paths;
  }
}

/**
 * Checks that every file of an image is accounted for, writes its bill of materials and only then gives
 * it its name. Returns what was found generated. Throws {@link Unexplained}.
 */
export async function admit(places: Places, env: Env, image: Candidate): Promise<Unowned> {
  const { id, ref, recipe, suite } = image;
  const created = `${new Date().toISOString().slice(0, 19)}Z`;
  const [files, bill] = await withMounted(id, env, async (root) => {
    const brought = recipe.programs ? broughtInto(root) : { files: [], packages: [] };
    const ours = [...Object.keys(BASE.files), ...Object.keys(recipe.files), ...brought.files];
    return await Promise.all([
      findUnowned(root, ours),
      billOfMaterials(root, { ref, suite, created }, brought.packages),
    ]);
  });
  if (files.unexplained.length > 0) throw new Unexplained(files.unexplained);
  writeWhole(sbomFile(places, ref), `${JSON.stringify(bill, null, 1)}\n`);
  if (id === ref) return files;
  // Another site may have made the same meanwhile and run it already: the first one keeps the name.
  const taken = (await ourImages(env)).includes(ref);
  await exec(taken ? ['podman', 'rmi', id] : ['podman', 'tag', id, ref], { env });
  return files;
}

/** What the programs in an image are made of, as it says itself. */
function broughtInto(root: string): Brought {
  return JSON.parse(readFileSync(join(root, LISTED), 'utf8')) as Brought;
}

/** The file appears whole or not at all. */
function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const fresh = `${file}.new`;
  try {
    writeFileSync(fresh, text, { flush: true });
    renameSync(fresh, file);
  } finally {
    rmSync(fresh, { force: true });
  }
}
