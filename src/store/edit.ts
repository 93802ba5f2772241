import { LONGEST_NAME, parseSeeds } from '../recipe/experiment_parts';
import { isOwnPolicy } from '../recipe/own_policy';
import type { Recipe, RecipeKey } from '../recipe/recipe';
import { completeRecipe } from '../recipe/schema';
import { quoted, textProblem, type Problem } from '../recipe/untrusted';
import { followExperiment } from './engine';
import { useExperiment, type Arm, type ExperimentState } from './experiment';
import { MOST_ARMS, MOST_RUNS } from './experiment_files';
import { remember } from './history';
import { unfit } from './policies';
import { useView } from './view';

/** Arms step together, so these are one setting of all arms. */
const SHARED: readonly RecipeKey[] = ['steps'];

/** Why there cannot be another arm, in a sentence; null where there can. */
export function fullProblem({
  arms,
  seeds,
}: Pick<ExperimentState, 'arms' | 'seeds'>): string | null {
  if (arms.length >= MOST_ARMS) return `The page draws ${MOST_ARMS} arms at most.`;
  const runs = (arms.length + 1) * seeds.length;
  return runs > MOST_RUNS ? `That would be ${runs} runs; ${MOST_RUNS} is the most.` : null;
}

/** An arm with the settings of the experiment's base, or of `from`; it is chosen. Null where there are too many arms. */
export function addArm(from?: Arm): string | null {
  const { arms, base, seeds } = useExperiment.getState();
  if (fullProblem({ arms, seeds }) !== null) return null;
  remember('add an arm');
  const recipe = from?.recipe ?? { ...base, steps: arms[0]?.recipe.steps ?? base.steps };
  const id = freeId(arms);
  const name = freeName(arms, from?.name ?? 'arm');
  const colour = freeColour(arms);
  const arm: Arm = { id, name, colour, recipe, original: recipe, visible: true, pending: {} };
  useExperiment.setState({ arms: [...arms, arm] });
  useView.getState().choose(id);
  followExperiment();
  return id;
}

/** The last arm stays: an experiment without arms trains nothing. */
export function removeArm(id: string): void {
  const { arms } = useExperiment.getState();
  if (arms.length < 2) return;
  remember('remove an arm');
  const left = arms.filter((arm) => arm.id !== id);
  useExperiment.setState({ arms: left });
  if (useView.getState().chosenArm === id) useView.getState().choose(left[0]?.id ?? '');
  followExperiment();
}

/** What is wrong with a new name; null where it was taken. */
export function renameArm(id: string, name: string): string | null {
  const trimmed = name.trim();
  const problem = nameProblem(id, trimmed);
  if (problem !== null) return problem;
  remember('rename an arm');
  update(id, (arm) => ({ ...arm, name: trimmed }));
  return null;
}

export function nameProblem(id: string, name: string): string | null {
  const { arms } = useExperiment.getState();
  const wrong = textProblem('name', LONGEST_NAME, name);
  if (wrong !== null) return wrong;
  const taken = arms.some((arm) => arm.id !== id && arm.name === name);
  return taken ? `Another arm is called ${quoted(name)}.` : null;
}

export function recolourArm(id: string, colour: number): void {
  remember('recolour an arm');
  update(id, (arm) => ({ ...arm, colour }));
}

/** Whether settings fit together with the others of the arm; empty where they do. */
export function recipeProblems(arm: Arm, changes: Partial<Recipe>): readonly Problem[] {
  const merged = completeRecipe({ ...arm.recipe, ...changes });
  if (!merged.ok) return merged.problems;
  const { policy, task } = merged.value;
  const why = unfit(policy, task);
  return why === null ? [] : [{ key: 'policy', message: why }];
}

/**
 * Changes settings of one arm. What can act live does so at the arm's next update; anything else starts all arms over,
 * so that they stay comparable. Returns what is wrong; nothing has changed then.
 */
export function changeRecipe(id: string, changes: Partial<Recipe>): readonly Problem[] {
  const arm = useExperiment.getState().arms.find((candidate) => candidate.id === id);
  if (arm === undefined) return [];
  const problems = recipeProblems(arm, changes);
  if (problems.length > 0) return problems;
  remember('change settings');
  const shared = Object.fromEntries(
    Object.entries(changes).filter(([key]) => SHARED.includes(key as RecipeKey)),
  );
  useExperiment.setState(({ arms }) => ({
    arms: arms.map((other) => ({
      ...other,
      recipe: { ...other.recipe, ...(other.id === id ? changes : shared) },
    })),
  }));
  followExperiment();
  return [];
}

/**
 * Starts every arm from this policy: an imported one, or that of a task in the arms of that task. Returns what is wrong;
 * nothing has changed then.
 */
export function startFrom(policy: string): readonly Problem[] {
  const { arms, base } = useExperiment.getState();
  const takes = ({ task }: Recipe) => isOwnPolicy(policy) || task === policy;
  const taking = arms.filter(({ recipe }) => takes(recipe));
  const problems = taking.flatMap((arm) => recipeProblems(arm, { policy }));
  if (problems.length > 0) return problems.slice(0, 1);
  if (taking.length === 0) {
    return [{ key: 'policy', message: `No arm of this experiment has the task ${policy}.` }];
  }
  remember('change the base policy');
  useExperiment.setState({
    base: takes(base) ? { ...base, policy } : base,
    arms: arms.map((arm) =>
      takes(arm.recipe) ? { ...arm, recipe: { ...arm.recipe, policy } } : arm,
    ),
  });
  followExperiment();
  return [];
}

/** Seeds as they are typed, "0, 1, 2"; returns what is wrong, or null where they were taken. */
export function changeSeeds(text: string): string | null {
  const numbers = text.split(/[\s,;]+/).filter((part) => part !== '');
  const parsed = parseSeeds(numbers.map(Number));
  if (!parsed.ok) return parsed.problems[0]?.message ?? 'Seeds are whole numbers.';
  const { arms, seeds } = useExperiment.getState();
  const most = Math.floor(MOST_RUNS / arms.length);
  if (parsed.value.length > most) return `With ${arms.length} arms there can be ${most} seeds.`;
  if (parsed.value.join() === seeds.join()) return null;
  remember('change seeds');
  useExperiment.setState({ seeds: parsed.value });
  followExperiment();
  return null;
}

function update(id: string, change: (arm: Arm) => Arm): void {
  useExperiment.setState(({ arms }) => ({
    arms: arms.map((arm) => (arm.id === id ? change(arm) : arm)),
  }));
}

/** Never one that was used before: series and marks are kept by id. */
function freeId(arms: readonly Arm[]): string {
  const numbers = arms.map(({ id }) => Number(id.replace('arm-', '')));
  return `arm-${Math.max(0, ...numbers) + 1}`;
}

function freeName(arms: readonly Arm[], like: string): string {
  const stem = like.replace(/ \d+$/, '');
  const taken = (name: string) => arms.some((arm) => arm.name === name);
  let number = 2;
  while (taken(`${stem} ${number}`)) number += 1;
  return `${stem} ${number}`.slice(0, LONGEST_NAME);
}

function freeColour(arms: readonly Arm[]): number {
  let colour = 0;
  while (arms.some((arm) => arm.colour === colour)) colour += 1;
  return colour;
}
