import { describe, expect, test, vi } from 'vitest';
import { STAT } from '../../src/engine/update_stats';
import { profileOf } from '../../src/gpu/device';
import type { RunSettings } from '../../src/gpu/run_settings';
import { Pace } from '../../src/gpu/pace';
import { estimateMemory } from '../../src/gpu/transformer/buffers';
import { PLANE } from '../../src/gpu/transformer/rollout_buffers';
import { TransformerRuns } from '../../src/gpu/transformer/runs';
import { UPDATE_WORDS, type RunsShape } from '../../src/gpu/transformer/shapes';
import { packWeights, parameterLayout, unpackWeights } from '../../src/model/layout';
import { parameterShapes, type ModelSpec, type Tensor, type Weights } from '../../src/model/spec';
import { AGGREGATIONS, OBJECTIVES } from '../../src/recipe/recipe';
import { forward, toFloat64 } from '../../src/reference/model';
import { policyStep, toPositions, type PolicyBatch } from '../../src/reference/policy_step';
import { dot } from '../../src/reference/reduce';
import { tokenStats } from '../../src/reference/token_stats';
import { float64, largest } from '../../src/verify/arrays';
import { settingsWith } from '../../src/verify/settings';
import { source } from '../../src/verify/source';
import { testGpu } from '../setup/engine';
import { expectAllClose, expectSameBits } from '../setup/kernel';

/** Numbers of one run's sums in a readback; its norm follows those of all runs. */
const STATS = UPDATE_WORDS - 4;

const model = (changes: Partial<ModelSpec>): ModelSpec => ({
  vocab_size: 19,
  hidden_size: 12,
  intermediate_size: 20,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
  ...changes,
});

/** Head sizes 6 (padded to 8), 10 (padded to 12) and 12; vocabularies that are no multiple of 4. */
const SMALL = model({});
const UNTIED = model({
  vocab_size: 33,
  hidden_size: 20,
  intermediate_size: 37,
  num_hidden_layers: 2,
  num_key_value_heads: 2,
  tie_word_embeddings: false,
});
const WIDE = model({
  vocab_size: 33,
  hidden_size: 48,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
});
const MODELS = { SMALL, UNTIED, WIDE };

/** Random weights whose logits are a few units wide, so that probabilities differ. */
function randomWeights(spec: ModelSpec, seed: number): Weights {
  const random = source(seed);
  const weights = new Map<string, Tensor>();
  for (const [name, shape] of parameterShapes(spec)) {
    const count = shape.reduce((product, n) => product * n, 1);
    const isNorm = shape.length === 1;
    const std = name.includes('embed') ? 0.6 : 1 / Math.sqrt(shape.at(-1) ?? 1);
    const data = Float32Array.from(random.array(count, isNorm ? 0.2 : std));
    weights.set(name, { shape, data: isNorm ? data.map((x) => 1 + x) : data });
  }
  return weights;
}

/** Weights a few percent away: a policy that KL is measured against. */
function nearby(weights: Weights, seed: number): Weights {
  const random = source(seed);
  const moved = ({ shape, data }: Tensor) => ({
    shape,
    data: data.map((w) => w + 0.05 * random.normal()),
  });
  return new Map([...weights].map(([name, tensor]) => [name, moved(tensor)]));
}

/** A rollout batch with its lengths; per-token arrays (rows, length). */
interface Rollouts {
  readonly tokens: Uint32Array<ArrayBuffer>;
  readonly promptLength: readonly number[];
  readonly length: readonly number[];
  readonly advantage: Float32Array<ArrayBuffer>;
}

function randomRollouts(spec: ModelSpec, rows: number, T: number, seed: number): Rollouts {
  const random = source(seed);
  const promptLength = Array.from({ length: rows }, () => 1 + random.below(3));
  // To the end, a single token, anything between.
  const length = promptLength.map((p, b) => [T, p + 1, p + 1 + random.below(T - p)][b % 3]);
  const advantage = Float32Array.from({ length: rows * T }, () => random.pick([0, 1, -1, 0.4, -2]));
  const tokens = Uint32Array.from({ length: rows * T }, () => random.below(spec.vocab_size));
  return { tokens, promptLength, length, advantage };
}

const shapeOf = (
  runs: number,
  rows: number,
  length: number,
  more: Partial<RunsShape> = {},
): RunsShape => ({
  runs,
  rows,
  length,
  promptLength: 1,
  minibatchRows: rows,
  updates: 4,
  eos: 1 << 30,
  ...more,
});

/** Rows `chosen` of every run, as `writeRows` takes them. */
function selection(
  all: readonly Pick<Rollouts, 'promptLength' | 'length'>[],
  chosen: readonly number[],
) {
  return Uint32Array.from(
    all.flatMap(({ promptLength, length }) =>
      chosen.flatMap((b) => [b, promptLength[b], length[b], 0]),
    ),
  );
}

const joinedUint = (parts: readonly Uint32Array[]) =>
  Uint32Array.from(parts.flatMap((part) => [...part]));
const joinedFloat = (parts: readonly ArrayLike<number>[]) =>
  Float32Array.from(parts.flatMap((part) => Array.from(part)));
const everyRow = (rows: number) => Array.from({ length: rows }, (_, b) => b);
const tokenCount = (
  { promptLength, length }: Pick<Rollouts, 'promptLength' | 'length'>,
  chosen: readonly number[],
) => chosen.reduce((sum, b) => sum + length[b] - promptLength[b], 0);

/** Log-probabilities of all tokens (rows, T) by the twin; 0 at position 0. */
function logprobs(
  spec: ModelSpec,
  weights: Weights,
  { tokens }: Rollouts,
  rows: number,
  temperature: number,
) {
  const T = tokens.length / rows;
  const { logits } = forward(spec, toFloat64(weights), tokens, rows, T);
  const next = Array.from(tokens, (_, i) => (i % T < T - 1 ? tokens[i + 1] : 0));
  return toPositions(tokenStats(logits, next, spec.vocab_size, temperature).logprob, rows, T);
}

const ALL_ON: Partial<RunSettings> = {
  temperature: 0.8,
  clip_low: 0.3,
  clip_high: 0.25,
  dual_clip: 2,
  positive_weight: 0.5,
  negative_weight: 1.5,
  entropy_coef: 0.02,
  kl_coef: 0.3,
};
const OTHER: Partial<RunSettings> = {
  objective: 1,
  aggregation: 1,
  positive_weight: -1,
  entropy_coef: -1,
};

function twinStep(spec: ModelSpec, weights: Weights, batch: PolicyBatch, settings: RunSettings) {
  const f = Math.fround;
  return policyStep(
    spec,
    toFloat64(weights),
    batch,
    {
      objective: OBJECTIVES[settings.objective],
      temperature: f(settings.temperature),
      clipLow: f(settings.clip_low),
      clipHigh: f(settings.clip_high),
      dualClip: settings.dual_clip,
      positiveWeight: f(settings.positive_weight),
      negativeWeight: f(settings.negative_weight),
      entropyCoef: f(settings.entropy_coef),
      klCoef: f(settings.kl_coef),
    },
    { kind: AGGREGATIONS[settings.aggregation], constant: settings.aggregation_constant },
  );
}

/** The gradient of two runs, KL to another policy and all, against the twin. */
async function expectTwinGradients(
  spec: ModelSpec,
  {
    otherProfile = false,
    passRows = 6,
    ...parts
  }: { otherProfile?: boolean; passRows?: number; vocabPart?: number } = {},
) {
  const gpu = await testGpu();
  const { software } = gpu.facts;
  const profile = profileOf({ ...gpu.facts, software: otherProfile ? !software : software });
  const [rows, T] = [6, 9];
  const random = source(7);
  const subjects = [ALL_ON, OTHER].map((changes, run) => {
    const weights = randomWeights(spec, 10 + run);
    const base = nearby(weights, 20 + run);
    const rollouts = randomRollouts(spec, rows, T, 30 + run);
    const settings = settingsWith({
      ...changes,
      token_count: tokenCount(rollouts, everyRow(rows)),
    });
    const temperature = Math.fround(settings.temperature);
    // Ratios well inside and well outside the clips: f32 and f64 must not stand on different sides of a kink.
    const old = logprobs(spec, weights, rollouts, rows, temperature).map((logprob) =>
      Math.fround(logprob - random.pick([-0.6, -0.1, 0.05, 0.15, 0.5, 0.9])),
    );
    const reference = logprobs(spec, base, rollouts, rows, temperature);
    return { weights, base, rollouts, settings, old, reference };
  });
  const shape = shapeOf(2, rows, T, { passRows, ...parts });
  const runs = await TransformerRuns.create({ ...gpu, profile }, spec, shape);
  try {
    subjects.forEach(({ weights, base }, run) => {
      runs.writeParameters('weights', run, packWeights(runs.layout, weights));
      runs.writeBase(run, packWeights(runs.layout, base));
    });
    runs.writePrompts(
      joinedUint(subjects.map(({ rollouts }) => rollouts.tokens)),
      Uint32Array.from(subjects.flatMap(({ rollouts }) => rollouts.promptLength)),
    );
    runs.writeRecord(PLANE.logprob, joinedFloat(subjects.map(({ old }) => old)));
    runs.writeRecord(
      PLANE.advantage,
      joinedFloat(subjects.map(({ rollouts }) => rollouts.advantage)),
    );
    const all = subjects.map(({ rollouts }) => rollouts);
    // An update that moves nothing: the gradient alone takes one pass.
    runs.writeSettings(subjects.map(({ settings }) => ({ ...settings, learning_rate: 0 })));
    for (let first = 0; first < rows; first += passRows) {
      const pass = everyRow(rows).slice(first, first + passRows);
      runs.writeRows(selection(all, pass));
      await runs.reference();
    }
    runs.writeRows(selection(all, everyRow(rows)));
    await runs.update();
    const { updates } = await runs.read({ rollouts: false });
    const logits = passRows === rows ? await runs.readLogits() : null;
    const tokenStats = await runs.readTokenStats();
    for (const [run, { weights, rollouts, settings, old, reference }] of subjects.entries()) {
      const batch = { B: rows, T, ...rollouts, oldLogprob: old, refLogprob: reference };
      const want = twinStep(spec, weights, batch, settings);

      const stride = runs.layout.dims.vocab;
      const pairs: [number, number][] = [];
      const entropies: [number, number][] = [];
      for (let b = 0; b < rows; b++) {
        for (let t = 0; t < T - 1; t++) {
          for (let v = 0; v < spec.vocab_size; v++) {
            if (logits === null) continue;
            const got = logits[((run * rows + b) * (T - 1) + t) * stride + v];
            pairs.push([got, want.pass.logits[(b * T + t) * spec.vocab_size + v]]);
          }
          const cell = ((run * rows + b) * (T - 1) + t) * 4;
          if (t + 1 < rollouts.promptLength[b] || t + 1 >= rollouts.length[b]) continue;
          entropies.push([tokenStats[cell + 1], want.result.entropy[b * T + t]]);
        }
      }
      // Two layers of products in f32 on logits of a few units. Measured 7e-6.
      const [got, wanted] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
      expectAllClose(got, wanted, { atol: 2e-5 }, 'transformer logits');
      expectAllClose(
        entropies.map(([a]) => a),
        entropies.map(([, b]) => b),
        { atol: 2e-5 },
        'transformer entropies',
      );

      const stats = updates.subarray(run * STATS, (run + 1) * STATS);
      const { result } = want;
      expectAllClose(
        [stats[STAT.policyLoss]],
        [result.policyLoss],
        { atol: 1e-5 },
        'transformer loss',
      );
      expectAllClose(
        [stats[STAT.klLoss]],
        [result.klMean],
        { atol: 1e-5, rtol: 1e-5 },
        'transformer kl',
      );
      expectAllClose(
        [stats[STAT.entropyLoss]],
        [result.entropyMean],
        { atol: 1e-5 },
        'transformer entropy',
      );

      const ratioMax = { rtol: 2e-5 };
      expectAllClose(
        [stats[STAT.ratioMax]],
        [largest(result.ratio)],
        ratioMax,
        'transformer ratio',
      );

      const flat = await runs.readParameters('grads', run);
      const grads = unpackWeights(runs.layout, flat);
      for (const [name, grad] of want.grads) {
        // f32 sums over rows and layers against float64; measured 4e-6 of the largest.
        const scale = largest(grad);
        const mine = grads.get(name)!.data.map((x) => x / scale);
        const relative = grad.map((x) => x / scale);
        expectAllClose(mine, relative, { atol: 2e-5 }, 'transformer gradient');
      }
      // What is no parameter gets no gradient.
      expectSameBits(packWeights(runs.layout, grads), zeroSigned(flat), 'padding of the gradients');
    }
  } finally {
    runs.destroy();
  }
}

/** -0 in padding is as good as 0. */
const zeroSigned = (values: Float32Array<ArrayBuffer>) => values.map((x) => (x === 0 ? 0 : x));

describe('gradients equal the twin', () => {
  test.each(Object.keys(MODELS) as (keyof typeof MODELS)[])('%s', (name) =>
    expectTwinGradients(MODELS[name]),
  );
  test('with the tiles and workgroups of the other kind of adapter', () =>
    expectTwinGradients(SMALL, { otherProfile: true }));
  test.each(['SMALL', 'UNTIED'] as const)('%s, the minibatch in three passes', (name) =>
    expectTwinGradients(MODELS[name], { passRows: 2 }),
  );
  test('a pass for every row', () => expectTwinGradients(SMALL, { passRows: 1 }));
  // Vocabularies of 19 and 33, tied and not: a last part of 4, of 1 in its padding, of all but one.
  test.each([
    ['SMALL', 16, 6],
    ['UNTIED', 16, 6],
    ['WIDE', 32, 6],
    ['SMALL', 16, 2],
  ] as const)('%s, the vocabulary in parts of %i, %i rows a pass', (name, vocabPart, passRows) =>
    expectTwinGradients(MODELS[name], { vocabPart, passRows }),
  );
});

/** Everything about run `index` differs from the other runs: weights, prompts, settings, random numbers. */
const runSettings = (index: number): Partial<RunSettings> => ({
  temperature: [1, 0.7, 1.3][index % 3],
  positive_weight: [1, 0.5, 0, 2][index % 4],
  learning_rate: 1e-2 * (1 + index),
  max_grad_norm: index % 2 === 0 ? 0.1 : 0,
  weight_decay: index % 3 === 0 ? 0.1 : 0,
  entropy_coef: index === 5 ? 0.1 : 0,
  aggregation: index % 3,
  key0: 1000 + index,
  key1: 2000 - index,
});

const [ROWS, LENGTH, EOS] = [4, 8, 2];

/** Generates, then makes two updates of two rows each, with the given runs in one batch. */
async function train(
  indices: readonly number[],
  changes: Partial<RunSettings> = {},
  { poison = -1, more = {} }: { poison?: number; more?: Partial<RunsShape> } = {},
) {
  const gpu = await testGpu();
  const shape = shapeOf(indices.length, ROWS, LENGTH, { minibatchRows: 2, eos: EOS, ...more });
  const runs = await TransformerRuns.create(gpu, SMALL, shape);
  try {
    const all = indices.map((index) => randomRollouts(SMALL, ROWS, LENGTH, 100 + index));
    const settings = (of: (run: number) => Partial<RunSettings>) =>
      runs.writeSettings(
        indices.map((index, run) =>
          settingsWith({ ...runSettings(index), ...changes, ...of(run) }),
        ),
      );
    const written = indices.map((index) => packWeights(runs.layout, randomWeights(SMALL, index)));
    if (poison >= 0) written[poison][5] = NaN;
    written.forEach((flat, run) => runs.writeParameters('weights', run, flat));
    runs.writePrompts(
      joinedUint(all.map(({ tokens }) => tokens)),
      Uint32Array.from(all.flatMap(({ promptLength }) => promptLength)),
    );
    settings(() => ({}));
    await runs.generate();
    const rollouts = await runs.read({ rollouts: true });
    const size = ROWS * LENGTH;
    const spans = all.map(({ promptLength }, run) => ({
      promptLength,
      length: promptLength.map((p, b) => {
        const row = rollouts.tokens.subarray(
          run * size + b * LENGTH,
          run * size + (b + 1) * LENGTH,
        );
        const end = row.indexOf(EOS, p);
        return end < 0 ? LENGTH : end + 1;
      }),
    }));
    runs.writeRecord(PLANE.advantage, joinedFloat(all.map(({ advantage }) => advantage)));
    for (const chosen of [
      [0, 2],
      [3, 1],
    ]) {
      settings((run) => ({ token_count: tokenCount(spans[run], chosen) }));
      runs.writeRows(selection(spans, chosen));
      await runs.update();
    }
    const { updates } = await runs.read({ rollouts: false });
    const results = [];
    for (const run of indices.keys()) {
      const part = <A extends Uint32Array | Float32Array>(array: A) =>
        array.slice(run * size, (run + 1) * size);
      const n = indices.length;
      results.push({
        written: written[run],
        tokens: part(rollouts.tokens) as Uint32Array<ArrayBuffer>,
        logprob: part(rollouts.logprob) as Float32Array<ArrayBuffer>,
        entropy: part(rollouts.entropy) as Float32Array<ArrayBuffer>,
        weights: await runs.readParameters('weights', run),
        m: await runs.readParameters('m', run),
        v: await runs.readParameters('v', run),
        stats: Float32Array.from(
          [0, 1].flatMap((u) => [
            ...updates.slice(
              u * n * UPDATE_WORDS + run * STATS,
              u * n * UPDATE_WORDS + (run + 1) * STATS,
            ),
          ]),
        ),
        norm: Float32Array.from(
          [0, 1].flatMap((u) => [
            ...updates.slice(
              u * n * UPDATE_WORDS + n * STATS + 4 * run,
              u * n * UPDATE_WORDS + n * STATS + 4 * run + 4,
            ),
          ]),
        ),
        spans: spans[run],
      });
    }
    return results;
  } finally {
    runs.destroy();
  }
}

type Trained = Awaited<ReturnType<typeof train>>[number];

function expectSameRun(got: Trained, want: Trained): void {
  for (const name of [
    'tokens',
    'logprob',
    'entropy',
    'weights',
    'm',
    'v',
    'stats',
    'norm',
  ] as const) {
    expectSameBits(got[name], want[name], name);
  }
}

describe('runs in one batch', () => {
  test('eight runs are each what they are alone and in pairs, bit for bit', async () => {
    const eight = await train([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const [index, { weights, written }] of eight.entries()) {
      expect(weights.some((w, i) => w !== written[i])).toBe(true);
      if (index > 0) expect(eight[0].tokens).not.toEqual(eight[index].tokens);
    }
    for (const index of [0, 5, 7]) expectSameRun((await train([index]))[0], eight[index]);
    const pair = await train([6, 3]);
    expectSameRun(pair[0], eight[6]);
    expectSameRun(pair[1], eight[3]);
  });

  test('a repeat gives the same bits', async () => {
    const [first, second] = [await train([1, 2]), await train([1, 2])];
    first.forEach((run, i) => expectSameRun(run, second[i]));
  });

  test('every dispatch in a submit of its own gives the same bits', async () => {
    const together = await train([1, 2]);
    const submit = vi.spyOn((await testGpu()).device.queue, 'submit');
    const estimate = vi.spyOn(Pace.prototype, 'estimate').mockReturnValue(1000);
    const apart = await train([1, 2]);
    expect(submit.mock.calls.length).toBeGreaterThan(100);
    estimate.mockRestore();
    submit.mockRestore();
    apart.forEach((run, i) => expectSameRun(run, together[i]));
  });

  test.each([
    ['gspo', { objective: OBJECTIVES.indexOf('gspo') }],
    ['the most uncertain tokens', { entropy_tokens: 3 }],
    ['random tokens left out', { random_tokens: 2 }],
  ] as const)('a selection over two passes is that over one: %s', async (_, changes) => {
    const settings = { ...changes, selects: 1, learning_rate: 0 };
    const whole = await train([0, 3], settings);
    const apart = await train([0, 3], settings, { more: { passRows: 1 } });
    const without = await train([0, 3], { learning_rate: 0 });
    whole.forEach(({ stats, norm }, run) => {
      // The same tokens, summed in another order.
      expectAllClose(apart[run].stats, stats, { atol: 1e-5, rtol: 1e-4 }, 'selection in passes');
      expectAllClose(apart[run].norm, norm, { rtol: 1e-3 }, 'norm of a selection in passes');
    });
    expect(whole.some(({ norm }, run) => norm[0] !== without[run].norm[0])).toBe(true);
  });

  test.each([
    ['all tokens', {}, {}],
    ['two passes', {}, { passRows: 1 }],
    ['gspo', { objective: OBJECTIVES.indexOf('gspo'), selects: 1 }, {}],
    ['the most uncertain tokens', { entropy_tokens: 3, selects: 1 }, { passRows: 1 }],
  ] as const)('a vocabulary in parts is trained as a whole one: %s', async (_, changes, more) => {
    const settings = { ...changes, learning_rate: 0 };
    const whole = await train([0, 3], settings, { more });
    const parts = await train([0, 3], settings, { more: { ...more, vocabPart: 16 } });
    whole.forEach(({ stats, norm, tokens }, run) => {
      expectSameBits(parts[run].tokens, tokens, 'tokens');
      // The same sums in another order.
      expectAllClose(parts[run].stats, stats, { atol: 1e-5, rtol: 1e-4 }, 'sums by parts');
      expectAllClose(parts[run].norm, norm, { rtol: 1e-3 }, 'norm by parts');
    });
  });

  test('parameters that are bound in segments are trained as those in one', async () => {
    const settings = { max_grad_norm: 0 };
    const [whole] = await train([1], settings);
    for (const bindingBytes of [256, 1280, 4096]) {
      const [apart] = await train([1], settings, { more: { bindingBytes } });
      for (const name of ['weights', 'm', 'v'] as const) {
        expectSameBits(apart[name], whole[name], name);
      }
      // The norm is summed in another order.
      expectAllClose(apart.norm, whole.norm, { rtol: 1e-5 }, 'norm over segments');
    }
  });

  test('padding of the parameters stays zero through updates with weight decay', async () => {
    const [{ weights }] = await train([3]);
    const layout = parameterLayout(SMALL);
    expectSameBits(packWeights(layout, unpackWeights(layout, weights)), zeroSigned(weights));
  });

  test('learning rate 0 changes no parameter bit', async () => {
    const [{ weights, written, m }] = await train([0], { learning_rate: 0, weight_decay: 0.5 });
    expectSameBits(weights, written);
    expect(largest(m)).toBeGreaterThan(0);
  });

  test.each<Partial<RunsShape>>([{}, { vocabPart: 16 }])(
    'a run that is not finite skips its updates and is counted; the others do not notice: %o',
    async (more) => {
      const clean = await train([1, 2, 4], {}, { more });
      const [before, sick, after] = await train([1, 2, 4], {}, { poison: 1, more });
      expectSameRun(before, clean[0]);
      expectSameRun(after, clean[2]);
      expectSameBits(sick.weights, sick.written, 'weights');
      expect(largest(sick.m)).toBe(0);
      expect(largest(sick.v)).toBe(0);
      expect(sick.norm[1]).toBeGreaterThan(0);
      expect(before.norm[1]).toBe(0);
    },
  );

  test.each<[ModelSpec, Partial<RunsShape>]>([
    [SMALL, {}],
    [UNTIED, { passRows: 2 }],
    [WIDE, { bindingBytes: 1024 }],
    [UNTIED, { vocabPart: 16 }],
  ])('what is held is what was estimated', async (spec, more) => {
    const shape = shapeOf(more.passRows === undefined ? 2 : 1, ROWS, LENGTH, more);
    const runs = await TransformerRuns.create(await testGpu(), spec, shape);
    const parameters = runs.buffers.find(({ name }) => name === 'parameters of dispatches');
    expect(runs.bytes - parameters!.bytes).toBe(estimateMemory(spec, shape));
    runs.destroy();
  });

  test('the limits on dispatches hold', async () => {
    const gpu = await testGpu();
    for (const spec of [SMALL, WIDE]) {
      const runs = await TransformerRuns.create(gpu, spec, shapeOf(2, ROWS, LENGTH));
      const { update, rollout } = runs.dispatches;
      const L = spec.num_hidden_layers;
      expect(update).toBeLessThanOrEqual(25 * L + 15);
      expect(rollout).toBeLessThanOrEqual((8 * L + 4) * (LENGTH - 1));
      runs.destroy();
    }
  });
});

describe('one pass over rollouts', () => {
  /** R = 1 with everything written; advantages and old log-probabilities of `rollouts`. */
  async function ready(spec: ModelSpec, rollouts: Rollouts, more: Partial<RunsShape> = {}) {
    const rows = rollouts.promptLength.length;
    const T = rollouts.tokens.length / rows;
    const runs = await TransformerRuns.create(await testGpu(), spec, shapeOf(1, rows, T, more));
    runs.writeParameters('weights', 0, packWeights(runs.layout, randomWeights(spec, 3)));
    runs.writePrompts(rollouts.tokens, Uint32Array.from(rollouts.promptLength));
    runs.writeRecord(PLANE.advantage, rollouts.advantage);
    return runs;
  }

  test.each([
    ['SMALL', 1],
    ['UNTIED', 0.7],
    ['WIDE', 1.4],
  ] as const)(
    '%s at temperature %f: cached decoding is the full forward pass',
    async (name, temperature) => {
      const spec = MODELS[name];
      const [rows, T] = [16, 12];
      const start = randomRollouts(spec, rows, T, 50);
      const runs = await ready(spec, start);
      try {
        const settings = settingsWith({ temperature, key0: 77, clip_low: 1e-4, clip_high: 1e-4 });
        runs.writeSettings([settings]);
        await runs.generate();
        const { tokens, logprob, entropy } = await runs.read({ rollouts: true });
        for (let b = 0; b < rows; b++) {
          const prompt = [b * T, b * T + start.promptLength[b]] as const;
          expect([...tokens.subarray(...prompt)]).toEqual([...start.tokens.subarray(...prompt)]);
        }
        const rollouts = { ...start, length: start.length.map(() => T) };
        const count = tokenCount(rollouts, everyRow(rows));
        runs.writeSettings([{ ...settings, token_count: count }]);
        runs.writeRows(selection([rollouts], everyRow(rows)));
        await runs.gradient();
        const { updates } = await runs.read({ rollouts: false });
        const stats = await runs.readTokenStats();
        const [got, want, ratios]: number[][] = [[], [], []];
        for (let b = 0; b < rows; b++) {
          for (let t = start.promptLength[b]; t < T; t++) {
            const n = (b * (T - 1) + t - 1) * 4;
            got.push(stats[n], stats[n + 1]);
            want.push(logprob[b * T + t], entropy[b * T + t]);
            ratios.push(stats[n + 2]);
          }
        }
        // The same sums in another order; measured 1e-6.
        expectAllClose(got, want, { atol: 1e-5 }, 'cached decoding');
        expectAllClose(
          ratios,
          ratios.map(() => 1),
          { atol: 1e-5 },
          'first ratio',
        );
        expect(updates[STAT.tokens]).toBe(count);
        expect(updates[STAT.clipLow]).toBe(0);
        expect(updates[STAT.clipHigh]).toBe(0);
        expect(updates[STAT.approxKl]).toBeLessThan(1e-6 * count);
      } finally {
        runs.destroy();
      }
    },
  );

  test('positions after t change no bit of the logits at t', async () => {
    const rollouts = randomRollouts(UNTIED, 3, 9, 60);
    const runs = await ready(UNTIED, rollouts);
    try {
      runs.writeSettings([settingsWith({ token_count: 10 })]);
      runs.writeRows(selection([rollouts], everyRow(3)));
      await runs.gradient();
      const before = await runs.readLogits();
      const changed = rollouts.tokens.map((token, i) => (i % 9 > 4 ? (token + 7) % 33 : token));
      runs.writePrompts(changed, Uint32Array.from(rollouts.promptLength));
      await runs.gradient();
      const after = await runs.readLogits();
      const stride = runs.layout.dims.vocab;
      for (let n = 0; n < 3 * 8; n++) {
        const part = (logits: Float32Array) => logits.slice(n * stride, (n + 1) * stride);
        if (n % 8 <= 4) expectSameBits(part(after), part(before), `position ${n % 8}`);
        else expect(part(after)).not.toEqual(part(before));
      }
    } finally {
      runs.destroy();
    }
  });

  test('tokens, records and logits beyond a response change no bit of the gradient', async () => {
    const rollouts = randomRollouts(SMALL, 6, 9, 61);
    const runs = await ready(SMALL, rollouts);
    try {
      const settings = {
        token_count: tokenCount(rollouts, everyRow(6)),
        entropy_coef: 0.1,
        kl_coef: 0.1,
      };
      runs.writeSettings([settingsWith(settings)]);
      runs.writeRows(selection([rollouts], everyRow(6)));
      await runs.gradient();
      const before = await runs.readParameters('grads', 0);
      const { updates } = await runs.read({ rollouts: false });
      const outside = (i: number) => i % 9 >= rollouts.length[Math.floor(i / 9)];
      const tokens = rollouts.tokens.map((token, i) => (outside(i) ? (token + 5) % 19 : token));
      runs.writePrompts(tokens, Uint32Array.from(rollouts.promptLength));
      const other = (i: number) => outside(i) || i % 9 < rollouts.promptLength[Math.floor(i / 9)];
      const garbage = rollouts.advantage.map((a, i) => (other(i) ? 9e9 : a));
      runs.writeRecord(PLANE.advantage, garbage);
      for (const plane of [PLANE.logprob, PLANE.reference]) {
        runs.writeRecord(
          plane,
          garbage.map((_, i) => (other(i) ? 9e9 : 0)),
        );
      }
      await runs.gradient();
      expectSameBits(await runs.readParameters('grads', 0), before);
      const again = await runs.read({ rollouts: false });
      expectSameBits(again.updates.slice(0, STATS), updates.slice(0, STATS));
    } finally {
      runs.destroy();
    }
  });

  test.each([0, 1, 2])(
    'gradients of three minibatches average to that of the batch, aggregation %i',
    async (aggregation) => {
      const rows = 6;
      const rollouts = randomRollouts(SMALL, rows, 9, 62);
      const settings = settingsWith({
        aggregation,
        aggregation_constant: 9,
        token_count: tokenCount(rollouts, everyRow(rows)),
      });
      const gradients = async (batches: readonly (readonly number[])[]) => {
        const runs = await ready(SMALL, rollouts, { minibatchRows: batches[0].length });
        // Denominators keep counting the tokens of a batch; a third of them in each minibatch.
        runs.writeSettings([{ ...settings, token_count: settings.token_count / batches.length }]);
        const found = [];
        for (const chosen of batches) {
          runs.writeRows(selection([rollouts], chosen));
          await runs.gradient();
          found.push(float64(await runs.readParameters('grads', 0)));
          expect((await runs.read({ rollouts: false })).updates).toHaveLength(UPDATE_WORDS);
        }
        runs.destroy();
        return found;
      };
      const [whole] = await gradients([[0, 1, 2, 3, 4, 5]]);
      const parts = await gradients([
        [4, 0],
        [1, 5],
        [3, 2],
      ]);
      const mean = whole.map((_, i) => parts.reduce((sum, part) => sum + part[i], 0) / 3);
      // Another order of the same sums.
      expectAllClose(mean, whole, { atol: 1e-5 * largest(whole) }, 'minibatch gradients');
    },
  );

  test('logits and distributions are read part by part, with the weights as they are and as they were', async () => {
    const rollouts = randomRollouts(UNTIED, 4, 9, 64);
    const read = async (more: Partial<RunsShape>) => {
      const runs = await ready(UNTIED, rollouts, more);
      try {
        const count = tokenCount(rollouts, everyRow(4));
        runs.writeSettings([settingsWith({ token_count: count, learning_rate: 0.05 })]);
        runs.writeRows(selection([rollouts], everyRow(4)));
        await runs.update({ keep: true });
        const found: Float32Array[] = [];
        for (const weights of ['now', 'kept'] as const) {
          await runs.loss(weights);
          found.push(await runs.readDistributions(), await runs.readLogits());
        }
        return found;
      } finally {
        runs.destroy();
      }
    };
    const [whole, parts] = [await read({}), await read({ vocabPart: 16 })];
    const stride = parameterLayout(UNTIED).dims.vocab;
    const inResponse = (i: number) => {
      const [b, t] = [Math.floor(i / stride / 8), Math.floor(i / stride) % 8];
      return t + 1 >= rollouts.promptLength[b] && t + 1 < rollouts.length[b];
    };
    whole.forEach((values, i) => {
      const isDistribution = i % 2 === 0;
      const want = values.map((x, at) => (isDistribution && !inResponse(at) ? 0 : x));
      // Between the two an update with sums in another order; what differs by much would be other weights.
      expectAllClose(parts[i], want, { atol: 2e-4 }, 'read by parts');
    });
    expect(largest(whole[0].map((x, i) => x - whole[2][i]))).toBeGreaterThan(0.01);
  });

  test('the dot product over all parameters', async () => {
    const rollouts = randomRollouts(WIDE, 4, 9, 63);
    const runs = await ready(WIDE, rollouts);
    try {
      runs.writeSettings([settingsWith({ token_count: tokenCount(rollouts, everyRow(4)) })]);
      runs.writeRows(selection([rollouts], everyRow(4)));
      await runs.gradient();
      const grads = float64(await runs.readParameters('grads', 0));
      const other = packWeights(runs.layout, randomWeights(WIDE, 8));
      runs.writeParameters('v', 0, other);
      const want = dot(grads, float64(other));
      const size = dot(grads.map(Math.abs), float64(other.map(Math.abs)));
      // Chunks of 512 terms and their sum: about 200 roundings of terms of both signs.
      expectAllClose(await runs.dotWithV(), [want], { atol: 1e-6 * size }, 'dot with v');
    } finally {
      runs.destroy();
    }
  });
});
