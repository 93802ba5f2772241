import { describe, expect, test } from 'vitest';
import { parameterShapes, type ModelSpec } from '../../src/model/spec';
import {
  backward,
  createCache,
  decode,
  forward,
  generate,
  type Parameters,
} from '../../src/reference/model';
import {
  policyLoss,
  type Aggregation,
  type PolicyLossSettings,
} from '../../src/reference/policy_loss';
import {
  entropySlopes,
  lossInput,
  policyStep,
  toPositions,
  type PolicyBatch,
} from '../../src/reference/policy_step';
import { dot } from '../../src/reference/reduce';
import { greedy } from '../../src/reference/sample';
import { tokenStats } from '../../src/reference/token_stats';
import { source, type Source } from '../../src/verify/source';
import { difference, gradientGap, GRADIENT_LIMIT, H } from './reference_support';

const SPEC: ModelSpec = {
  vocab_size: 7,
  hidden_size: 8,
  intermediate_size: 10,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: false,
};

const VARIANTS = {
  'untied, grouped': SPEC,
  'tied, grouped': { ...SPEC, tie_word_embeddings: true, num_hidden_layers: 1 },
  'tied, one head each': { ...SPEC, tie_word_embeddings: true, num_key_value_heads: 4 },
  'untied, one key head': { ...SPEC, num_key_value_heads: 1, num_hidden_layers: 1 },
};

function randomParameters(spec: ModelSpec, random: Source): Map<string, Float64Array> {
  return new Map(
    [...parameterShapes(spec)].map(([name, shape]) => {
      const n = shape.reduce((a, b) => a * b, 1);
      // Norm weights near 1, matrices large enough that the model is far from linear.
      return [
        name,
        shape.length === 1 ? random.array(n, 0.2).map((x) => 1 + x) : random.array(n, 0.5),
      ];
    }),
  );
}

/** A random batch with ratios spread over all branches of the loss, away from where the branches meet. */
function randomBatch(
  spec: ModelSpec,
  parameters: Parameters,
  settings: PolicyLossSettings,
  random: Source,
): PolicyBatch {
  const [B, T, V] = [2, 5, spec.vocab_size];
  const promptLength = Array.from({ length: B }, () => 1 + random.below(T - 1));
  const length = promptLength.map((p) => p + 1 + random.below(T - p));
  const tokens = Array.from({ length: B * T }, () => random.below(V));
  const { logits } = forward(spec, parameters, tokens, B, T);
  const next = tokens.map((_, n) => tokens[(n + 1) % (B * T)]);
  const logprob = toPositions(tokenStats(logits, next, V, settings.temperature).logprob, B, T);
  const kinks = [1 - settings.clipLow, 1 + settings.clipHigh, settings.dualClip ?? 0];
  const oldLogprob = logprob.map((lp) => {
    let old = lp + 0.4 * random.normal();
    while (kinks.some((k) => Math.abs(Math.exp(lp - old) - k) < 1e-3)) old += 0.007;
    return old;
  });
  const refLogprob = logprob.map((lp) => lp + 0.4 * random.normal());
  return {
    B,
    T,
    tokens,
    promptLength,
    length,
    oldLogprob,
    refLogprob,
    advantage: random.array(B * T),
  };
}

function randomSettings(random: Source): PolicyLossSettings {
  return {
    objective: random.pick(['ppo-clip', 'ppo-clip', 'reinforce']),
    temperature: random.pick([1, 0.7, 1.5]),
    clipLow: 0.2,
    clipHigh: random.pick([0.2, 0.28]),
    dualClip: random.pick([null, 1.5]),
    positiveWeight: random.pick([1, 0.25, 0, -1, 2]),
    negativeWeight: random.pick([1, 1, 0, -1, 2]),
    entropyCoef: random.pick([0, 0.05]),
    klCoef: random.pick([0, 0.1]),
  };
}

function randomAggregation(random: Source): Aggregation {
  return { kind: random.pick(['token-mean', 'sequence-mean', 'constant']), constant: 5 };
}

function lossOf(
  spec: ModelSpec,
  parameters: Parameters,
  batch: PolicyBatch,
  settings: PolicyLossSettings,
  aggregation: Aggregation,
) {
  const { logits } = forward(spec, parameters, batch.tokens, batch.B, batch.T);
  return policyLoss(lossInput(logits, batch, aggregation), spec.vocab_size, settings);
}

describe.each(Object.entries(VARIANTS))('%s', (_, spec) => {
  test('gradient of the loss by every entry of every parameter', () => {
    for (const seed of [1, 2]) {
      const random = source(seed);
      const parameters = randomParameters(spec, random);
      const settings = { ...randomSettings(random), entropyCoef: 0.05, klCoef: 0.1 };
      const aggregation = randomAggregation(random);
      const batch = randomBatch(spec, parameters, settings, random);
      const { grads } = policyStep(spec, parameters, batch, settings, aggregation);
      expect([...grads.keys()]).toEqual([...parameterShapes(spec).keys()]);
      const f = () => lossOf(spec, parameters, batch, settings, aggregation).loss;
      for (const [name, grad] of grads) {
        const gap = gradientGap(f, parameters.get(name) ?? grad, grad);
        expect(gap, `${name}, seed ${seed}`).toBeLessThan(GRADIENT_LIMIT);
      }
    }
  });

  test('slope of the loss along a random direction in 60 random cases', () => {
    for (let seed = 100; seed < 160; seed++) {
      const random = source(seed);
      const parameters = randomParameters(spec, random);
      const settings = randomSettings(random);
      const aggregation = randomAggregation(random);
      const batch = randomBatch(spec, parameters, settings, random);
      const { grads } = policyStep(spec, parameters, batch, settings, aggregation);
      const direction = new Map([...grads].map(([name, g]) => [name, random.array(g.length)]));
      const slope = alongDirection(parameters, direction, (moved) => {
        return lossOf(spec, moved, batch, settings, aggregation).loss;
      });
      const norm = Math.sqrt(inner(grads, grads));
      expect(Math.abs(slope - inner(grads, unit(direction))), `seed ${seed}`).toBeLessThan(
        GRADIENT_LIMIT * Math.max(norm, 0.01),
      );
    }
  });

  test('entropy slopes are the change of the mean entropy along the gradient of each part', () => {
    for (let seed = 200; seed < 210; seed++) {
      const random = source(seed);
      const parameters = randomParameters(spec, random);
      const settings = { ...randomSettings(random), positiveWeight: 0.5, negativeWeight: 1 };
      const aggregation = randomAggregation(random);
      const batch = randomBatch(spec, parameters, settings, random);
      const step = policyStep(spec, parameters, batch, settings, aggregation);
      const slopes = entropySlopes(spec, parameters, step, settings);
      for (const sign of [1, -1]) {
        const advantage = Float64Array.from(batch.advantage, (a) => (a * sign > 0 ? a : 0));
        const plain = { ...settings, entropyCoef: 0, klCoef: 0 };
        const part = policyStep(
          spec,
          parameters,
          { ...batch, advantage },
          plain,
          aggregation,
        ).grads;
        const norm = Math.sqrt(inner(part, part));
        const change =
          norm === 0
            ? 0
            : -norm *
              alongDirection(parameters, part, (moved) => {
                return lossOf(spec, moved, batch, settings, aggregation).entropyMean;
              });
        const slope = sign > 0 ? slopes.positive : slopes.negative;
        expect(Math.abs(slope - change), `seed ${seed}`).toBeLessThan(1e-7 * Math.max(norm, 0.01));
      }
    }
  });

  test('decoding with a cache equals the whole forward pass', () => {
    const random = source(300);
    const parameters = randomParameters(spec, random);
    const tokens = Array.from({ length: 9 }, () => random.below(spec.vocab_size));
    const { logits } = forward(spec, parameters, tokens, 1, tokens.length);
    const cache = createCache(spec, 12);
    tokens.forEach((token, t) => {
      const row = logits.subarray(t * spec.vocab_size, (t + 1) * spec.vocab_size);
      expect(difference(decode(spec, parameters, cache, token, t), row)).toBeLessThan(1e-12);
    });
  });

  test('generate takes the largest logit of the whole forward pass each time', () => {
    const random = source(301);
    const parameters = randomParameters(spec, random);
    const sequence = [3, 1];
    const continuation = generate(spec, parameters, sequence, 6);
    for (const token of continuation) {
      const { logits } = forward(spec, parameters, sequence, 1, sequence.length);
      expect(token).toBe(greedy(logits, spec.vocab_size)[sequence.length - 1]);
      sequence.push(token);
    }
  });
});

test('logits do not depend on later tokens, and padding changes no gradient, bit for bit', () => {
  const random = source(400);
  const parameters = randomParameters(SPEC, random);
  const settings = randomSettings(random);
  const batch = {
    ...randomBatch(SPEC, parameters, settings, random),
    promptLength: [1, 2],
    length: [3, 4],
  };
  const padded = { ...batch, tokens: Array.from(batch.tokens) };
  [3, 4, 9].forEach((n) => (padded.tokens[n] = (padded.tokens[n] + 1) % SPEC.vocab_size));
  const aggregation = randomAggregation(random);
  const one = policyStep(SPEC, parameters, batch, settings, aggregation);
  const other = policyStep(SPEC, parameters, padded, settings, aggregation);
  expect(other.pass.logits.subarray(0, 3 * SPEC.vocab_size)).toEqual(
    one.pass.logits.subarray(0, 3 * SPEC.vocab_size),
  );
  expect(other.result.loss).toBe(one.result.loss);
  for (const [name, grad] of other.grads)
    expect(difference(grad, one.grads.get(name) ?? [])).toBe(0);
});

test('backward is linear in dLogits', () => {
  const random = source(401);
  const parameters = randomParameters(SPEC, random);
  const pass = forward(SPEC, parameters, [1, 2, 3], 1, 3);
  const [a, b] = [random.array(21), random.array(21)];
  const [ga, gb] = [backward(SPEC, parameters, pass, a), backward(SPEC, parameters, pass, b)];
  for (const [name, both] of backward(
    SPEC,
    parameters,
    pass,
    a.map((x, i) => x + b[i]),
  )) {
    const [x, y] = [ga.get(name) ?? both, gb.get(name) ?? both];
    expect(
      difference(
        both,
        x.map((g, i) => g + y[i]),
      ),
    ).toBeLessThan(1e-12);
  }
});

function inner(a: Parameters, b: Parameters): number {
  return [...a].reduce((sum, [name, x]) => sum + dot(x, b.get(name) ?? x), 0);
}

function unit(direction: Parameters): Map<string, Float64Array> {
  const norm = Math.sqrt(inner(direction, direction));
  return new Map([...direction].map(([name, x]) => [name, x.map((d) => d / norm)]));
}

/**
 * Five-point difference of f along the unit vector of a direction. Along a gradient, where curvature is largest, the
 * h^2 error of the three-point rule reached 2e-6 of the slope (it fell 100-fold from h = 1e-4 to 1e-5, so it is that).
 */
function alongDirection(
  parameters: Parameters,
  direction: Parameters,
  f: (moved: Parameters) => number,
): number {
  const u = unit(direction);
  const at = (h: number) =>
    f(
      new Map(
        [...parameters].map(([name, x]) => [name, x.map((w, i) => w + h * (u.get(name) ?? x)[i])]),
      ),
    );
  return (8 * (at(H) - at(-H)) - (at(2 * H) - at(-2 * H))) / (12 * H);
}
