import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BASE, type ImageRecipe, imageRef } from './image.ts';

const suite = { suite: 'trixie', digest: 'a'.repeat(64) };
const recipe: ImageRecipe = { name: 'web', packages: ['nginx-light'], users: [], files: {}, run: [] };

test('the same inputs make the same name, and each input another one', () => {
  const name = imageRef(recipe, suite);
  assert.match(name, /^localhost\/allod\/web:[0-9a-f]{16}$/);
  assert.equal(
    imageRef({ run: [], files: {}, users: [], packages: ['nginx-light'], name: 'web' }, suite),
    name,
  );
  const others = [
    imageRef({ ...recipe, packages: ['nginx-light', 'tini'] }, suite),
    imageRef({ ...recipe, run: ['true'] }, suite),
    imageRef({ ...recipe, files: { '/x': { mode: 0o644, text: '' } } }, suite),
    imageRef({ ...recipe, users: [{ name: 'web', uid: 10080, home: '/' }] }, suite),
    imageRef(recipe, { ...suite, digest: 'b'.repeat(64) }),
    imageRef(recipe, undefined),
    imageRef(BASE, suite),
  ];
  assert.equal(new Set([name, ...others]).size, others.length + 1);
});
