import { RlvrError } from '../errors/failure';
import { parameterLayout, unpackWeights } from '../model/layout';
import type { Policy } from '../model/policy';
import { readRuns } from './checkpoint';

/** What a run has become, by its name in the save. */
export interface TrainedPolicy {
  readonly run: string;
  readonly policy: Policy;
}

/**
 * The policies in a save of runs (`writeRuns`): the weights of each with what its base policy says of them, which `base`
 * gives by its name in the recipe. `of` is the name of the whole. Throws RlvrError `badInput` for a save that is damaged
 * or whose weights are not those of the base policy.
 */
export async function trainedPolicies(
  bytes: Uint8Array,
  of: string,
  base: (policy: string) => Promise<Policy>,
): Promise<readonly TrainedPolicy[]> {
  const { step, runs } = readRuns(bytes);
  const trained: TrainedPolicy[] = [];
  for (const [run, { recipe, weights }] of runs) {
    const from = await base(recipe.policy);
    const layout = parameterLayout(from.spec);
    if (weights.length !== layout.total) {
      const detail = `the weights of ${run} are not those of ${recipe.policy}`;
      throw new RlvrError({ kind: 'badInput', field: 'checkpoint', detail });
    }
    const made = { recipe, steps: step, run: of, from: from.made };
    trained.push({ run, policy: { ...from, weights: unpackWeights(layout, weights), made } });
  }
  return trained;
}
