import type { Recipe, RecipeKey } from './recipe';
import { RECIPE_KEYS } from './schema';

/** Whether two values of one setting mean the same: schedules are the same where their kind and numbers are. */
export function sameSetting(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The settings in which two recipes differ, in the order of a form. */
export function differingKeys(recipe: Recipe, base: Recipe): RecipeKey[] {
  return RECIPE_KEYS.filter((key) => !sameSetting(recipe[key], base[key]));
}

/** The settings of `recipe` that differ from those of `base`. */
export function changed(recipe: Recipe, base: Recipe): Partial<Recipe> {
  return Object.fromEntries(differingKeys(recipe, base).map((key) => [key, recipe[key]]));
}
