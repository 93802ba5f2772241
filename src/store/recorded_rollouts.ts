import { isOwnPolicy } from '../recipe/own_policy';
import type { Recipe } from '../recipe/recipe';
import { groupAdvantages } from '../rl/advantage';
import { newestGroups, type KeptRollouts } from '../storage/kept_findings';
import { recordedResponse, type RecordedGroup } from '../storage/record';
import type { Task } from '../tasks/task';
import type { GroupView } from '../worker/protocol';
import { taskOf } from './policies';

/** Whether a group is in the tokens that the recipe's policy has here: of an imported one, files cannot say. */
export function isReadable(recipe: Recipe, { prompt, responses }: RecordedGroup): boolean {
  const task = taskOf(recipe);
  const known = (token: number) => token < task.vocabulary.length;
  return task.isPrompt(prompt) && responses.every(({ tokens }) => tokens.every(known));
}

/** Recorded responses as the rollout panel shows them: the task checks and draws them anew. */
export function recordedGroup(run: string, recipe: Recipe, group: RecordedGroup): GroupView {
  const task = taskOf(recipe);
  const own = isOwnPolicy(recipe.policy);
  const text = (token: number) => task.vocabulary[token] ?? '?';
  const verdicts = group.responses.map(({ tokens }) => task.verify(group.prompt, tokens));
  // Of records that do not have them: what they are where the verifier alone gives the reward.
  const advantages = groupAdvantages(
    verdicts.map(({ reward }) => reward),
    group.responses.length,
    recipe.advantage,
    { quantile: recipe.advantage_quantile },
  );
  return {
    run,
    step: group.step,
    prompt: group.prompt.map(text),
    ...(own && { promptIds: group.prompt }),
    rollouts: group.responses.map(({ tokens, entropy, logprob, advantage }, i) => ({
      tokens: tokens.map(text),
      ...(own && { ids: tokens }),
      reward: verdicts[i]?.reward ?? 0,
      reason: verdicts[i]?.reason ?? '',
      advantage: advantage ?? advantages[i] ?? 0,
      drawing: task.draw(group.prompt, tokens),
      entropy,
      logprob: logprob ?? tokens.map(() => NaN),
    })),
  };
}

/** What a run file keeps of the rollouts that were shown of an arm until `step`; null where that is nothing. */
export function keptRollouts(
  history: readonly GroupView[],
  recipe: Recipe,
  step: number,
): KeptRollouts | null {
  const run = history.at(-1)?.run;
  if (run === undefined) return null;
  const task = taskOf(recipe);
  const shown = history.filter((group) => group.run === run && group.step <= step);
  const newest = newestGroups(shown, ({ rollouts }) =>
    rollouts.reduce((sum, { tokens }) => sum + tokens.length, 0),
  );
  const groups = newest.flatMap((group) => asRecorded(group, task) ?? []);
  return groups.length === 0 ? null : { run, groups };
}

/**
 * Rounds a group as files have it when it comes, so that a save finds it done: a hundred groups at once would be felt, and
 * all of them again at every save even more.
 */
export function roundForKeeping(group: GroupView, recipe: Recipe): void {
  asRecorded(group, taskOf(recipe));
}

/** Groups stay as they came. */
const recorded = new WeakMap<GroupView, RecordedGroup | null>();

/** A shown group as records have it; null where it holds what a record cannot. */
function asRecorded(group: GroupView, task: Task): RecordedGroup | null {
  const known = recorded.get(group);
  if (known !== undefined) return known;
  const made = toRecorded(group, task);
  recorded.set(group, made);
  return made;
}

function toRecorded(
  { step, prompt, promptIds, rollouts }: GroupView,
  task: Task,
): RecordedGroup | null {
  const ids = (tokens: readonly string[]) => tokens.map((text) => task.vocabulary.indexOf(text));
  const responses = rollouts.map(({ tokens, ids: known, entropy, logprob, advantage }) =>
    recordedResponse({
      tokens: known ? [...known] : ids(tokens),
      entropy,
      advantage,
      // Of a recorded response that never had them.
      ...(logprob.every(Number.isFinite) && { logprob }),
    }),
  );
  const asked = promptIds ? [...promptIds] : ids(prompt);
  const known =
    task.isPrompt(asked) &&
    responses.length > 0 &&
    responses.every(
      ({ tokens, entropy }) =>
        !tokens.includes(-1) && entropy.length === tokens.length && entropy.every(Number.isFinite),
    );
  return known ? { step, prompt: asked, responses } : null;
}
