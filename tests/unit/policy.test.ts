import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { initialWeights } from '../../src/model/init';
import {
  POLICY_FORMAT,
  readPolicy,
  readSpec,
  readWeights,
  writePolicy,
  type Policy,
} from '../../src/model/policy';
import {
  parseSafetensors,
  SafetensorsError,
  writeSafetensors,
  type SafetensorsTensor,
} from '../../src/model/safetensors';
import { parameterShapes, type ModelSpec, type Tensor } from '../../src/model/spec';

const SPEC: ModelSpec = {
  vocab_size: 5,
  hidden_size: 8,
  intermediate_size: 6,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: true,
};

const POLICY: Policy = {
  spec: SPEC,
  weights: initialWeights(SPEC, 1),
  task: 'maze-small',
  vocabulary: ['a', 'b', '', '__proto__', '<end>'],
  made: { steps: 3, by: { name: 'a test' } },
};

/** The policy's file after a change to its tensors or metadata. */
function changed(
  change: (tensors: Map<string, SafetensorsTensor>, metadata: Map<string, string>) => void,
): Uint8Array {
  const { tensors, metadata } = parseSafetensors(writePolicy(POLICY));
  const copy = [new Map(tensors), new Map(metadata)] as const;
  change(...copy);
  return writeSafetensors(...copy);
}

function refusal(bytes: Uint8Array): string {
  try {
    readPolicy(bytes);
  } catch (error) {
    if (error instanceof SafetensorsError) return error.message;
    throw error;
  }
  throw new Error('the policy was read');
}

const NORM = 'model.norm.weight';
const tensor = (shape: number[], ...values: number[]): SafetensorsTensor => ({
  dtype: 'F32',
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => values[i] ?? 1),
});

describe('policy files', () => {
  test.each([true, false])('round trip, tied %s', (tied) => {
    const spec = { ...SPEC, tie_word_embeddings: tied };
    const policy = { ...POLICY, spec, weights: initialWeights(spec, 2) };
    expect(readPolicy(writePolicy(policy))).toEqual(policy);
  });

  test.each<[string, Parameters<typeof changed>[0], string]>([
    ['another format', (_, m) => m.set('format', 'pt'), POLICY_FORMAT],
    ['no config', (_, m) => m.delete('config'), 'no config'],
    ['a config that is no JSON', (_, m) => m.set('config', '{'), 'not valid JSON'],
    ['a config of null', (_, m) => m.set('config', 'null'), 'not a JSON object'],
    ['a config with a key twice', (_, m) => m.set('config', '{"a":1,"a":1}'), 'not valid JSON'],
    ['no task', (_, m) => m.delete('task'), 'task'],
    ['a short vocabulary', (_, m) => m.set('vocabulary', '["a"]'), '1 tokens'],
    ['a vocabulary of numbers', (_, m) => m.set('vocabulary', '[1,2,3,4,5]'), 'short texts'],
    ['a deep note', (_, m) => m.set('made', '['.repeat(1e5)), 'not valid JSON'],
    ['a note that is a list', (_, m) => m.set('made', '[]'), 'made'],
    ['a missing tensor', (t) => t.delete(NORM), `lacks the tensor ${NORM}`],
    ['an unknown tensor', (t) => t.set('x\u202e', tensor([1])), '"x\\u202e"'],
    ['a head though tied', (t) => t.set('lm_head.weight', tensor([5, 8])), 'lm_head.weight'],
    ['another shape', (t) => t.set(NORM, tensor([2, 4])), 'shape [2,4]'],
    [
      'a transposed shape',
      (t) => t.set('model.embed_tokens.weight', tensor([8, 5])),
      'shape [8,5]',
    ],
    [
      'whole numbers',
      (t) => t.set(NORM, { dtype: 'I32', shape: [8], data: new Int32Array(8) }),
      'I32',
    ],
    ['a NaN', (t) => t.set(NORM, tensor([8], 1, NaN)), 'not finite'],
    ['an infinity', (t) => t.set(NORM, tensor([8], -Infinity)), 'not finite'],
  ])('%s is refused', (_, change, reason) => {
    expect(refusal(changed(change))).toContain(reason);
  });

  test('damage anywhere is read or refused', () => {
    const whole = writePolicy(POLICY);
    const place = fc.tuple(fc.nat({ max: 1200 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        try {
          readPolicy(bytes);
        } catch (error) {
          if (!(error instanceof SafetensorsError)) throw error;
        }
      }),
      { seed: 20253, numRuns: 500 },
    );
  });

  test('a policy that could not be read back is not written', () => {
    const weights = new Map(POLICY.weights).set(NORM, {
      shape: [8],
      data: new Float32Array(8).fill(NaN),
    });
    expect(() => writePolicy({ ...POLICY, weights })).toThrow(SafetensorsError);
    expect(() => writePolicy({ ...POLICY, vocabulary: [] })).toThrow(SafetensorsError);
    expect(() => writePolicy({ ...POLICY, spec: { ...SPEC, vocab_size: 6 } })).toThrow(
      SafetensorsError,
    );
  });

  test('weights can lie beside other tensors, as in the conformance cases', () => {
    const path = new URL('../fixtures/cases/par.safetensors', import.meta.url);
    const file = parseSafetensors(readFileSync(path));
    const { model } = JSON.parse(file.metadata.get('config') ?? '') as { model: unknown };
    const spec = readSpec(model);
    const weights = readWeights(file, spec, ['input.', 'expected.']);
    expect([...weights.keys()]).toEqual([...parameterShapes(spec).keys()]);
    expect(() => readWeights(file, spec, ['input.'])).toThrow(SafetensorsError);
  });
});

describe('readSpec', () => {
  test('takes what it needs from a Hugging Face config', () => {
    const config = {
      ...SPEC,
      architectures: ['LlamaForCausalLM'],
      hidden_act: 'silu',
      head_dim: 4,
    };
    expect(readSpec(config)).toEqual(SPEC);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ hidden_size: 9 }, 'does not divide'],
    [{ hidden_size: 6 }, 'odd'],
    [{ num_attention_heads: 4, hidden_size: 16, num_key_value_heads: 3 }, 'evenly'],
    [{ num_key_value_heads: 4 }, 'evenly'],
    [{ vocab_size: 0 }, 'vocab_size'],
    [{ vocab_size: 2.5 }, 'vocab_size'],
    [{ vocab_size: '5' }, '"5"'],
    [{ num_hidden_layers: 1e9 }, 'num_hidden_layers'],
    [{ num_hidden_layers: [[1]] }, 'a list or object'],
    [{ hidden_size: 4096, intermediate_size: 16384, num_hidden_layers: 64 }, 'parameters'],
    [{ rms_norm_eps: 0 }, 'rms_norm_eps'],
    [{ rope_theta: NaN }, 'rope_theta'],
    [{ tie_word_embeddings: 1 }, 'tie_word_embeddings'],
    [{ hidden_act: 'gelu' }, 'hidden_act'],
    [{ attention_bias: true }, 'attention_bias'],
    [{ rope_scaling: { type: 'linear' } }, 'rope_scaling'],
    [{ head_dim: 16 }, 'head_dim'],
    [{ model_type: 'qwen2' }, 'model_type'],
  ])('refuses %j', (change, reason) => {
    const read = () => readSpec({ ...SPEC, ...change });
    expect(read).toThrow(SafetensorsError);
    expect(read).toThrow(reason);
  });

  test('does not see inherited settings', () => {
    expect(() => readSpec(Object.create(SPEC))).toThrow(SafetensorsError);
  });
});

describe('initial weights', () => {
  const spec = {
    ...SPEC,
    vocab_size: 200,
    hidden_size: 64,
    intermediate_size: 128,
    num_hidden_layers: 2,
    tie_word_embeddings: false,
  };
  const weights = initialWeights(spec, 7);
  const std = (name: string) => {
    const { data } = weights.get(name) as Tensor;
    const mean = data.reduce((a, b) => a + b) / data.length;
    expect(Math.abs(mean)).toBeLessThan(0.01);
    return Math.sqrt(data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length);
  };

  test('every parameter has its shape and spread', () => {
    expect([...weights].map(([name, t]) => [name, t.shape])).toEqual([...parameterShapes(spec)]);
    const layer = 'model.layers.1.';
    // 4,096 draws and more give the spread to 5%.
    expect(std('model.embed_tokens.weight') / 0.05).toBeCloseTo(1, 1);
    expect(std('lm_head.weight') * 8).toBeCloseTo(1, 1);
    expect(std(`${layer}self_attn.q_proj.weight`) * 8).toBeCloseTo(1, 1);
    expect(std(`${layer}self_attn.o_proj.weight`) * 16).toBeCloseTo(1, 1);
    expect(std(`${layer}mlp.down_proj.weight`) * Math.sqrt(128) * 2).toBeCloseTo(1, 1);
    expect([...new Set(weights.get('model.norm.weight')?.data)]).toEqual([1]);
  });

  test('a seed repeats, another seed and another tensor differ', () => {
    expect([...initialWeights(spec, 7)]).toEqual([...weights]);
    const first = (map: ReadonlyMap<string, Tensor>, name: string) => map.get(name)?.data[0];
    const query = 'model.layers.0.self_attn.q_proj.weight';
    expect(first(initialWeights(spec, 8), query)).not.toBe(first(weights, query));
    expect(first(weights, 'model.layers.1.self_attn.q_proj.weight')).not.toBe(
      first(weights, query),
    );
  });

  test('the last of an odd number of draws is finite', () => {
    const odd = initialWeights(
      { ...SPEC, vocab_size: 3, hidden_size: 2, num_attention_heads: 1, intermediate_size: 1 },
      1,
    );
    expect([...odd.values()].every(({ data }) => data.every(Number.isFinite))).toBe(true);
  });
});
