import { BASE, type ImageRecipe, imageRef, type SuitePin } from '../model/image.ts';
import type { Resource } from '../model/resource.ts';
import type { Catalog } from './resolve.ts';

export function recipesByName(catalog: Catalog): Map<string, ImageRecipe> {
  const recipes = new Map([[BASE.name, BASE]]);
  for (const definition of catalog.values())
    for (const recipe of definition.images) {
      if (recipes.has(recipe.name)) throw new Error(`two catalog folders bring an image ${recipe.name}`);
      recipes.set(recipe.name, recipe);
    }
  return recipes;
}

export function imageResources(
  names: string[],
  recipes: Map<string, ImageRecipe>,
  suite: SuitePin | undefined,
): Resource[] {
  return [BASE.name, ...names].map((name) => {
    const recipe = recipes.get(name) ?? BASE;
    const from = recipe.packages.length > 0 ? `built from ${recipe.packages.join(', ')}` : 'a bare Debian';
    return {
      kind: 'image',
      name,
      service: 'site',
      why: { service: 'site', rule: 'image', sentence: from },
      needs: name === BASE.name ? [] : [`image/${BASE.name}`],
      spec: { recipe, ref: imageRef(recipe, suite) },
    };
  });
}
