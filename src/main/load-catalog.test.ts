import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from 'esbuild';
import { HOME, sourceFiles } from '../build/sources.ts';
import { imageRef } from '../model/image.ts';
import { loadCatalog } from './load-catalog.ts';

async function recipesWithPrograms(digest: string) {
  const catalog = await loadCatalog(() => digest);
  return [...catalog.values()].flatMap(({ images }) => images).filter(({ programs }) => programs);
}

test('an image with programs has another name when their sources change, and only such a one', async () => {
  const refs = async (digest: string) =>
    [...(await loadCatalog(() => digest)).values()].flatMap(({ images }) =>
      images.map((recipe) => ({ ref: imageRef(recipe, undefined), has: recipe.programs !== undefined })),
    );
  const [before, after] = [await refs('one'), await refs('two')];
  assert.ok(before.some(({ has }) => has));
  for (const [i, { ref, has }] of before.entries()) assert.equal(ref !== after[i]?.ref, has, ref);
});

test('all that programs of the catalog are made of counts for the digest', async () => {
  const entries = (await recipesWithPrograms('')).flatMap(({ programs }) => [
    ...Object.values(programs?.node ?? {}),
    ...Object.values(programs?.browser ?? {}).flatMap((folder) => Object.values(folder)),
  ]);
  const counted = new Set(sourceFiles());
  for (const entry of entries) {
    const { metafile } = await build({
      absWorkingDir: HOME,
      entryPoints: [entry],
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      outdir: 'unwritten',
      write: false,
      metafile: true,
    });
    const missed = Object.keys(metafile.inputs).filter((path) => !counted.has(path));
    assert.deepEqual(missed, [], `${entry} is made of files that src/build/sources.ts leaves out`);
  }
});
