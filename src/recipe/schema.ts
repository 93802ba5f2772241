import { TASK_NAMES } from '../tasks/registry';
import { recipeProblems } from './checks';
import type { Knob } from './knob';
import { lossKnobs } from './knobs_loss';
import { optimiserKnobs } from './knobs_optimiser';
import { runKnobs } from './knobs_run';
import { LIVE_SETTINGS, type LiveSetting } from './live';
import { isOwnPolicy } from './own_policy';
import type { Recipe, RecipeKey } from './recipe';
import { scheduleProblems } from './schedule_forms';
import {
  choiceProblem,
  numberProblem,
  quoted,
  readObject,
  resultOf,
  type Problem,
  type Result,
} from './untrusted';

/** A knob in place: its key, and whether it acts at the next update of a running arm or needs a restart. */
export type PlacedKnob = Knob & { readonly key: RecipeKey; readonly acts: 'live' | 'restart' };

const knobs = {
  ...runKnobs,
  ...lossKnobs,
  ...optimiserKnobs,
} satisfies { [K in RecipeKey]: Knob & { readonly default: Recipe[K] } };

export const RECIPE_KEYS = Object.keys(knobs) as RecipeKey[];

export const isLive = (key: RecipeKey): key is LiveSetting =>
  (LIVE_SETTINGS as readonly RecipeKey[]).includes(key);

/** Every setting of a recipe, in the order of a form. Validation, command line and page are all made from it. */
export const schema: readonly PlacedKnob[] = RECIPE_KEYS.map(knobOf);

/** The entry of one setting. */
export function knobOf(key: RecipeKey): PlacedKnob {
  return { ...knobs[key], key, acts: isLive(key) ? 'live' : 'restart' };
}

// The clause on `knobs` has checked that every default has the type of its key, which fromEntries cannot know.
export const defaultRecipe = Object.freeze(
  Object.fromEntries(schema.map((knob) => [knob.key, knob.default])),
) as unknown as Recipe;

/** Which policies a recipe may name: by default one per task and those that a reader imported, and no paths. */
export interface PolicyRules {
  readonly names?: readonly string[];
  /** Names of imported policies (own_policy.ts), which the page alone has. */
  readonly own?: boolean;
  /** The command line also takes the path of a .safetensors file or of a Hugging Face folder. */
  readonly paths?: boolean;
}

/** A complete recipe from foreign data: missing keys take their defaults, anything doubtful is refused by name. */
export function parseRecipe(value: unknown, policies: PolicyRules = {}): Result<Recipe> {
  const partial = parsePartialRecipe(value, policies);
  return partial.ok ? completeRecipe(partial.value) : partial;
}

/** Some settings of a recipe, each within its own bounds; how they fit together is not looked at. */
export function parsePartialRecipe(
  value: unknown,
  policies: PolicyRules = {},
): Result<Partial<Recipe>> {
  const read = readObject(value, RECIPE_KEYS, 'the recipe');
  if (!read.ok) return read;
  const given = RECIPE_KEYS.filter((key) => read.value.has(key));
  const problems = given.flatMap((key) => settingProblems(key, read.value.get(key), policies));
  const settings = Object.fromEntries(given.map((key) => [key, read.value.get(key)]));
  return resultOf<Partial<Recipe>>(settings, problems);
}

/** Fills in defaults and checks how the settings fit together; the policy defaults to the task's own. */
export function completeRecipe(settings: Partial<Recipe>): Result<Recipe> {
  const policy = settings.task ?? defaultRecipe.policy;
  const recipe: Recipe = { ...defaultRecipe, policy, ...settings };
  return resultOf(recipe, recipeProblems(recipe));
}

/** What is wrong with one setting taken by itself; empty where it is fine. A form shows these beside the field. */
export function settingProblems(
  key: RecipeKey,
  value: unknown,
  policies: PolicyRules = {},
): Problem[] {
  const knob: Knob = knobs[key];
  if (knob.type === 'schedule') return scheduleProblems(knob.form, value);
  const message = simpleProblem(key, knob, value, policies);
  return message === null ? [] : [{ key, message }];
}

function simpleProblem(
  key: RecipeKey,
  knob: Exclude<Knob, { type: 'schedule' }>,
  value: unknown,
  policies: PolicyRules,
): string | null {
  switch (knob.type) {
    case 'number':
      return numberProblem(key, knob, value);
    case 'choice':
      return choiceProblem(key, knob.choices, value);
    case 'version':
      return value === knob.default ? null : `${key} must be ${knob.default}; got ${quoted(value)}`;
    case 'policy':
      return policyProblem(key, value, policies);
  }
}

const LONGEST_PATH = 4096;
/** A .safetensors file, or a folder, which is told from a name by a slash. */
const POLICY_PATH = /\.safetensors$|[/\\]/i;

function policyProblem(
  key: string,
  value: unknown,
  { names = TASK_NAMES, own = true, paths = false }: PolicyRules,
): string | null {
  if (own && isOwnPolicy(value)) return null;
  const problem = choiceProblem(key, names, value);
  if (problem === null || !paths) return problem;
  if (
    typeof value === 'string' &&
    POLICY_PATH.test(value) &&
    value.length <= LONGEST_PATH &&
    !value.includes('\0')
  ) {
    return null;
  }
  return `${key} must be one of ${names.join(', ')} or the path of a .safetensors file or of a folder (with a slash in it); got ${quoted(value)}`;
}
