import { settingsOf } from '../gpu/run_settings';
import type { Recipe } from '../recipe/recipe';
import type { Batch } from './batch';
import { nextControls, type Controls } from './controls';
import { NUMBERS_PER_TOKEN, type MeasuredRow, type Workbench } from './diagnose/workbench';
import type { StepStart } from './step_metrics';

/** What one response's tokens were and became; arrays are per token. Probabilities at the sampling temperature. */
export interface InspectedResponse {
  /** (tokens, V): the distribution each token was drawn from. */
  readonly before: Float32Array;
  /** What the token's loss did to its own entropy as the updates began, see policy_loss.wgsl; a minibatch's add up. */
  readonly drive: Float32Array;
  /** Null where the response was not trained on. */
  readonly after: TokensAfter | null;
}

/** The tokens of a response after the updates of the step that drew it. */
export interface TokensAfter {
  readonly logprob: Float32Array;
  /** Nats. */
  readonly entropy: Float32Array;
  /** The objective's: of the token, or (GSPO) of the whole response. */
  readonly ratio: Float32Array;
  /** Null where the objective does not clip. */
  readonly clip: TokenClip | null;
  /** (tokens, V). */
  readonly distribution: Float32Array;
}

export interface TokenClip {
  readonly lowest: Float32Array;
  readonly highest: Float32Array;
  /** The bound that the ratio has crossed in the direction of its advantage: no further that way. */
  readonly side: readonly ('low' | 'high' | null)[];
}

/** One pass over the rows of a response: what policy_loss.wgsl says of each token, and the distributions. */
interface Pass {
  readonly stats: Float32Array;
  readonly distribution: Float32Array;
}

interface Subject {
  readonly batch: Batch;
  /** The step that trained on the batch; null where none did. */
  readonly trained: StepStart | null;
}

/**
 * The responses of a batch to one of its prompts, under the weights that drew them and under those that the updates made.
 * Two passes for as many rows as one takes, one where nothing was trained; what training needs is left as it is.
 */
export async function inspectGroup(
  bench: Workbench,
  run: number,
  prompt: number,
  { batch, trained }: Subject,
): Promise<InspectedResponse[]> {
  const state = bench.state(run);
  const recipe = trained?.recipe ?? state.recipe;
  const size = recipe.group_size;
  const group = batch.responses
    .slice(prompt * size, (prompt + 1) * size)
    .map((response): MeasuredRow => ({ ...response, prompt: batch.prompts[prompt] ?? [] }));
  const seen = { step: bench.step + 1, entropy: batch.entropy };
  const controls = trained?.controls ?? nextControls(state.recipe, state.controls, seen).controls;
  const settings = {
    ...settingsOf(recipe, {
      ...controls,
      tokenCount: batch.tokens / recipe.minibatches,
      positiveTokens: 0,
      adamStep: 0,
      key: [0, 0],
    }),
    temperature: state.sampledAt,
    selects: 0,
  };
  const rows = bench.states.map((_, r) => (r === run ? group : []));
  const { passRows } = bench.runs;
  bench.load(rows);
  const inspected: InspectedResponse[] = [];
  for (let first = 0; first < group.length; first += passRows) {
    const chosen = Array.from({ length: passRows }, (_, i) => first + i);
    bench.select(
      rows,
      rows.map(() => chosen),
    );
    bench.runs.writeSettings(rows.map(() => settings));
    const look = (weights: 'now' | 'kept') => pass(bench, rows, run, first, weights);
    const before = await look(trained ? 'kept' : 'now');
    const after = trained ? await look('now') : [];
    before.forEach(({ stats, distribution }, i) => {
      const response = group[first + i];
      const later = after[i];
      inspected.push({
        before: distribution,
        drive: column(stats, 3),
        after: response && later ? tokensAfter(response, later, recipe, controls.clip) : null,
      });
    });
  }
  return inspected;
}

/** The rows of `run` that `select` has chosen, from `first` on. */
async function pass(
  bench: Workbench,
  rows: readonly (readonly MeasuredRow[])[],
  run: number,
  first: number,
  weights: 'now' | 'kept',
): Promise<Pass[]> {
  const { runs, task } = bench;
  const { passRows } = runs;
  const { length } = runs.shape;
  const stride = runs.layout.dims.vocab;
  await runs.loss(weights);
  // Takes the statistics of this pass away, so that they are not counted as an update's.
  await runs.read({ rollouts: false });
  const stats = (await bench.tokenStats(rows, first))[run] ?? [];
  const distributions = await runs.readDistributions();
  return stats.map((own, i) => {
    const tokens = own.length / NUMBERS_PER_TOKEN;
    const start = (run * passRows + i) * (length - 1) + task.promptLength - 1;
    const size = task.vocabulary.length;
    const distribution = new Float32Array(tokens * size);
    for (let t = 0; t < tokens; t++) {
      const at = (start + t) * stride;
      distribution.set(distributions.subarray(at, at + size), t * size);
    }
    return { stats: own, distribution };
  });
}

function tokensAfter(
  response: MeasuredRow,
  { stats, distribution }: Pass,
  { objective }: Recipe,
  bounds: Controls['clip'],
): TokensAfter {
  const logprob = column(stats, 0);
  const ratio = objective === 'gspo' ? responseRatio(response, logprob) : column(stats, 2);
  const clips = objective !== 'reinforce' && objective !== 'kl-cov';
  return {
    logprob,
    entropy: column(stats, 1),
    ratio,
    clip: clips ? tokenClip(response.advantage, logprob, ratio, bounds) : null,
    distribution,
  };
}

/** lib/clip.wgsl and the clip decision of policy_loss.wgsl, once more, for each token. */
export function tokenClip(
  advantage: number,
  logprob: Float32Array,
  ratio: Float32Array,
  { low, lowSlope, high, highSlope }: Controls['clip'],
): TokenClip {
  const lowest = logprob.map((own) => 1 - Math.max(low + lowSlope * Math.exp(own), 0));
  const highest = logprob.map((own) => 1 + Math.max(high + highSlope * Math.exp(own), 0));
  const side = Array.from(ratio, (own, t) => {
    if (advantage < 0 && own < (lowest[t] ?? 0)) return 'low';
    return advantage > 0 && own > (highest[t] ?? Infinity) ? 'high' : null;
  });
  return { lowest, highest, side };
}

/** GSPO's: the geometric mean of the ratios of the response's tokens, for each of them. */
function responseRatio({ logprob: old }: MeasuredRow, logprob: Float32Array): Float32Array {
  const change = logprob.reduce((sum, own, t) => sum + own - (old[t] ?? 0), 0);
  return logprob.map(() => Math.exp(change / Math.max(1, logprob.length)));
}

/** One of the numbers per token. */
function column(stats: Float32Array, which: number): Float32Array {
  return Float32Array.from(
    { length: stats.length / NUMBERS_PER_TOKEN },
    (_, t) => stats[t * NUMBERS_PER_TOKEN + which] ?? NaN,
  );
}
