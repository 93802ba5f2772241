import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { nextControls, FRESH } from '../../src/engine/controls';
import { readPolicy } from '../../src/model/policy';
import { completeRecipe } from '../../src/recipe/schema';
import type { Recipe } from '../../src/recipe/recipe';
import { lossInput, type PolicyBatch } from '../../src/reference/policy_step';
import { forward } from '../../src/reference/model';
import { policyLoss, tokenWeights, type PolicyLossSettings } from '../../src/reference/policy_loss';
import { tokenSelection } from '../../src/reference/token_selection';
import { tokenStats } from '../../src/reference/token_stats';
import { groupAdvantages } from '../../src/rl/advantage';
import { trainingRewards } from '../../src/rl/rewards';
import { taskNamed } from '../../src/tasks/registry';
import { scaleInputs, SCALE_RECIPE } from '../setup/scale_inputs';

/**
 * What the Python files of an exported folder say, against our own. The answers are fixtures, made by
 * `python tools/check_scale.py FOLDER`; they name the files they are of, so a change of those asks for new ones.
 */
const FIXTURES = new URL('../fixtures/scale/', import.meta.url);
const SOURCES = new URL('../../src/export/scale/python/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, FIXTURES), 'utf8')) as unknown;

interface Answers {
  readonly files: Record<string, string>;
  readonly verdicts: Record<string, number[]>;
  readonly lengths: Record<string, number[]>;
  readonly advantages: number[][];
  readonly training_rewards: number[];
  readonly schedules: number[][][];
  readonly losses: {
    readonly loss: number;
    readonly d_logits: number[][][];
    readonly clip_low_fraction: number;
    readonly clip_high_fraction: number;
  }[];
}

const asked = scaleInputs();
const answers = read('python.json') as Answers;

test('the questions are those that were answered', async () => {
  await expect(`${JSON.stringify(asked, null, 1)}\n`).toMatchFileSnapshot(
    '../fixtures/scale/inputs.json',
  );
});

test('the answers are of the files as they are', () => {
  for (const [name, digest] of Object.entries(answers.files)) {
    const own = createHash('sha256')
      .update(readFileSync(new URL(name, SOURCES)))
      .digest('hex');
    expect(digest, `${name} has changed: run tools/check_scale.py`).toBe(own);
  }
  expect(Object.keys(answers.files)).toContain('rlvr_loss.py');
});

/** A response as text, back to tokens; the end token comes after all but the longest. */
function tokensOf(name: string, text: string, isResponse: boolean): number[] {
  const task = taskNamed(name);
  const tokens: number[] = [];
  for (let rest = text; rest !== '';) {
    const id = task.vocabulary.findIndex((token) => rest.startsWith(token));
    tokens.push(id);
    rest = rest.slice(task.vocabulary[id].length);
  }
  return isResponse && tokens.length < task.maxResponse ? [...tokens, task.eos] : tokens;
}

test.each(Object.entries(asked.responses))('the verifier of %s', (name, pairs) => {
  const verdicts = pairs.map(([prompt, response]) => {
    const task = taskNamed(name);
    return task.verify(tokensOf(name, prompt, false), tokensOf(name, response, true)).reward;
  });
  expect(answers.verdicts[name]).toEqual(verdicts);
  expect(new Set(verdicts)).toEqual(new Set([0, 1]));
  const lengths = pairs.map(([, response]) => tokensOf(name, response, true).length);
  expect(answers.lengths[name]).toEqual(lengths);
});

test('advantages of every estimator', () => {
  asked.advantages.forEach(({ advantage, advantage_quantile: quantile }, i) => {
    const own = groupAdvantages(asked.rewards.values, 4, advantage, { quantile });
    own.forEach((value, n) => expect(answers.advantages[i][n]).toBeCloseTo(value, 8));
  });
});

test('rewards with noise, length penalty and overlong buffer', () => {
  asked.training_rewards.forEach(({ recipe, verified, length, longest }, i) => {
    const full = { ...SCALE_RECIPE, ...recipe };
    const [own] = trainingRewards([verified], [length], full, longest, () => 0.5);
    expect(answers.training_rewards[i]).toBeCloseTo(own, 8);
  });
});

test('schedules, step by step', () => {
  asked.schedules.forEach(({ recipe, entropy }, i) => {
    let state = FRESH;
    entropy.forEach((value, at) => {
      const next = nextControls({ ...SCALE_RECIPE, ...recipe }, state, {
        step: at + 1,
        entropy: value,
      });
      state = next.state;
      const { positiveWeight, entropyCoef, clip } = next.controls;
      const own = [positiveWeight, entropyCoef, clip.low, clip.high, clip.lowSlope, clip.highSlope];
      own.forEach((number, n) => expect(answers.schedules[i][at][n]).toBeCloseTo(number, 8));
    });
  });
});

const lossSettings = (recipe: Recipe, clip: (typeof asked.losses)[number]['controls']) =>
  ({
    objective: recipe.objective,
    temperature: recipe.temperature,
    clipLow: clip.clip_low,
    clipHigh: clip.clip_high,
    clipLowSlope: clip.clip_low_slope,
    clipHighSlope: clip.clip_high_slope,
    dualClip: recipe.dual_clip,
    positiveWeight: recipe.positive_weight,
    negativeWeight: recipe.negative_weight,
    entropyCoef: recipe.entropy_coef,
    klCoef: recipe.kl_coef,
    gppoLow: recipe.gppo_low,
    gppoHigh: recipe.gppo_high,
    entropyAdvantage: recipe.entropy_advantage,
    entropyAdvantageBound: recipe.entropy_advantage_bound,
  }) satisfies PolicyLossSettings;

/** Our float64 loss of a case, with its selection of tokens. */
function ownLoss(question: (typeof asked.losses)[number]) {
  const recipe = { ...SCALE_RECIPE, ...question.recipe };
  const [B, T, V] = [
    question.logits.length,
    question.logits[0].length,
    question.logits[0][0].length,
  ];
  const lengths = question.mask.map((row) => row.reduce<number>((sum, x) => sum + x, 0));
  const weights = tokenWeights(
    lengths.map(() => 0),
    lengths,
    T,
    {
      kind: recipe.aggregation,
      constant: recipe.aggregation_constant,
    },
  );
  const logits = Float64Array.from(question.logits.flat(2));
  const token = question.token.flat();
  const stats = tokenStats(logits, Uint32Array.from(token), V, recipe.temperature);
  const flat = {
    oldLogprob: Float64Array.from(question.old_logprob.flat()),
    refLogprob: Float64Array.from(question.ref_logprob.flat()),
    advantage: Float64Array.from(
      { length: B * T },
      (_, n) => question.advantage[Math.floor(n / T)][0],
    ),
  };
  const settings = lossSettings(recipe, question.controls);
  const places = [...weights.keys()].filter((n) => weights[n] > 0);
  const at = (values: ArrayLike<number>) => places.map((n) => values[n]);
  const positive = at(flat.advantage).filter((a) => a > 0).length;
  const chosen = tokenSelection(
    {
      row: places.map((n) => Math.floor(n / T)),
      advantage: at(flat.advantage),
      oldLogprob: at(flat.oldLogprob),
      logprob: at(stats.logprob),
      entropy: at(stats.entropy),
      cell: places,
    },
    {
      objective: recipe.objective,
      clipLow: settings.clipLow,
      clipHigh: settings.clipHigh,
      clipLowSlope: settings.clipLowSlope,
      clipHighSlope: settings.clipHighSlope,
      covTokens: Math.max(1, Math.floor(recipe.cov_fraction * places.length + 1e-9)),
      covLow: recipe.cov_low,
      covHigh: recipe.cov_high,
      klCovCoef: recipe.kl_cov_coef,
      entropyTokens:
        recipe.high_entropy_fraction < 1
          ? Math.ceil(recipe.high_entropy_fraction * places.length - 1e-9)
          : 0,
      randomTokens: Math.floor(recipe.random_clip_fraction * positive + 1e-9),
      steerMinWeight: recipe.steer_min_weight,
      key: [0, 0],
    },
  );
  const spread = (values: Float64Array) => {
    const out = new Float64Array(B * T);
    places.forEach((n, i) => (out[n] = values[i]));
    return out;
  };
  const selection = {
    keep: spread(chosen.keep),
    penalty: spread(chosen.penalty),
    logSequenceRatio: spread(chosen.logSequenceRatio),
  };
  const own = policyLoss({ logits, token, tokenWeight: weights, ...flat, selection }, V, settings);
  const tokens = places.length;
  const share = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0) / tokens;
  return { ...own, low: share(own.clipLowFlag), high: share(own.clipHighFlag) };
}

describe('the loss and its gradient by the logits', () => {
  test.each(asked.losses.map((question, i) => [JSON.stringify(question.recipe), i] as const))(
    '%s',
    (_, i) => {
      const own = ownLoss(asked.losses[i]);
      const theirs = answers.losses[i];
      expect(Math.abs(theirs.loss - own.loss)).toBeLessThan(1e-7);
      theirs.d_logits
        .flat(2)
        .forEach((value, n) => expect(Math.abs(value - own.dLogits[n])).toBeLessThan(1e-7));
      expect(theirs.clip_low_fraction).toBeCloseTo(own.low, 8);
      expect(theirs.clip_high_fraction).toBeCloseTo(own.high, 8);
    },
  );

  test('the cases differ, and clip on both sides', () => {
    const losses = answers.losses.map(({ loss }) => loss);
    expect(new Set(losses).size).toBe(losses.length);
    expect(answers.losses.some(({ clip_low_fraction: share }) => share > 0)).toBe(true);
    expect(answers.losses.some(({ clip_high_fraction: share }) => share > 0)).toBe(true);
  });
});

interface TrlRun {
  readonly recipe: unknown;
  readonly updates: Record<
    string,
    Record<'prompt' | 'response' | 'mask' | 'logprob' | 'old_logprob' | 'entropy', number[][]> & {
      readonly advantage: number[];
      readonly positive_weight: number;
      readonly loss: number;
    }
  >;
}

describe('two steps of TRL with the exported folder', () => {
  const run = read('trl_run.json') as TrlRun;
  const complete = completeRecipe(run.recipe as Partial<Recipe>);
  if (!complete.ok) throw new Error('the fixture holds no recipe');
  const recipe = complete.value;
  const policy = readPolicy(
    readFileSync(new URL(`../../public/policies/${recipe.policy}.safetensors`, import.meta.url)),
  );

  /** Our loss of a batch, from log-probabilities that the given logits have. */
  function lossOf(update: TrlRun['updates'][string]) {
    const [B, P] = [update.prompt.length, update.prompt[0].length];
    const T = P + update.response[0].length;
    const length = update.mask.map((row) => P + row.reduce((sum, x) => sum + x, 0));
    const before = (rows: number[][]) =>
      rows.flatMap((row) => [...Array<number>(P).fill(0), ...row]);
    const batch: PolicyBatch = {
      B,
      T,
      tokens: update.prompt.flatMap((prompt, b) => [...prompt, ...update.response[b]]),
      promptLength: Array<number>(B).fill(P),
      length,
      oldLogprob: before(update.old_logprob),
      refLogprob: before(update.old_logprob),
      advantage: update.advantage.flatMap((a) => Array<number>(T).fill(a)),
    };
    const weights = new Map(
      [...policy.weights].map(([name, { data }]) => [name, Float64Array.from(data)]),
    );
    const { logits } = forward(policy.spec, weights, batch.tokens, B, T);
    const input = lossInput(logits, batch, { kind: 'token-mean', constant: null });
    const settings = lossSettings(
      { ...recipe, positive_weight: update.positive_weight },
      {
        positive_weight: update.positive_weight,
        entropy_coef: 0,
        clip_low: recipe.clip_low,
        clip_high: recipe.clip_high,
        clip_low_slope: 0,
        clip_high_slope: 0,
      },
    );
    return { ...policyLoss(input, policy.spec.vocab_size, settings), P, T };
  }

  test('the first update has our loss on the same batch, from the exported weights', () => {
    const update = run.updates['0'];
    const own = lossOf(update);
    update.mask.forEach((row, b) =>
      row.forEach((valid, t) => {
        if (valid === 0) return;
        const n = b * own.T + own.P + t - 1;
        expect(Math.abs(update.logprob[b][t] - own.logprob[n])).toBeLessThan(1e-4);
        expect(Math.abs(update.entropy[b][t] - own.entropy[n])).toBeLessThan(1e-4);
      }),
    );
    expect(Math.abs(update.loss - own.loss)).toBeLessThan(1e-4);
  });

  test('later updates have our loss of their log-probabilities', () => {
    for (const [place, update] of Object.entries(run.updates)) {
      // Logits of two tokens that give the log-probability p: log p and log(1 - p).
      const tokens = update.mask.flatMap((row, b) =>
        row.flatMap((valid, t) => (valid === 0 ? [] : [{ b, t }])),
      );
      const logits = tokens.flatMap(({ b, t }) => {
        const logprob = Math.min(update.logprob[b][t], -1e-12);
        return [logprob, Math.log(-Math.expm1(logprob))];
      });
      const own = policyLoss(
        {
          logits: Float64Array.from(logits),
          token: tokens.map(() => 0),
          tokenWeight: Float64Array.from(tokens, () => 1 / tokens.length),
          oldLogprob: Float64Array.from(tokens, ({ b, t }) => update.old_logprob[b][t]),
          refLogprob: new Float64Array(tokens.length),
          advantage: Float64Array.from(tokens, ({ b }) => update.advantage[b]),
        },
        2,
        {
          ...lossSettings(recipe, {
            positive_weight: 0,
            entropy_coef: 0,
            clip_low: recipe.clip_low,
            clip_high: recipe.clip_high,
            clip_low_slope: 0,
            clip_high_slope: 0,
          }),
          positiveWeight: update.positive_weight,
          klCoef: 0,
        },
      );
      expect(Math.abs(update.loss - own.loss), `update ${place}`).toBeLessThan(1e-4);
      if (place !== '0') expect(own.ratio.some((ratio) => Math.abs(ratio - 1) > 1e-3)).toBe(true);
    }
  });
});
