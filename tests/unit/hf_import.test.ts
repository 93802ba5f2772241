import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { taskFor } from '../../src/engine/run_spec';
import { RlvrError } from '../../src/errors/failure';
import { policyFolder } from '../../src/export/hf_folder';
import { readLlamaConfig } from '../../src/model/foreign/config';
import { readPolicyFolder } from '../../src/model/foreign/folder';
import { readTokenizer } from '../../src/model/foreign/tokenizer';
import { widened } from '../../src/model/half';
import { SafetensorsError, writeSafetensors } from '../../src/model/safetensors';
import { stream } from '../../src/rl/random';
import { forward, toFloat64 } from '../../src/reference/model';
import { taskNamed, tasks } from '../../src/tasks/registry';
import { bpeExpected, bpeFolder } from '../setup/hf_bpe';
import { basePolicy, LOGITS_TOLERANCE } from '../setup/hf_logits';
import { difference } from './reference_support';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const json = (files: ReadonlyMap<string, Uint8Array>, name: string) =>
  JSON.parse(new TextDecoder().decode(files.get(name))) as Record<string, unknown>;

/** The fixture with a change to one of its JSON files; null removes the file. */
function changed(name: string, change: object | null): Map<string, Uint8Array> {
  const files = bpeFolder();
  if (change === null) files.delete(name);
  else files.set(name, bytes({ ...json(files, name), ...change }));
  return files;
}

function refusal(files: ReadonlyMap<string, Uint8Array>): string {
  try {
    readPolicyFolder(files);
  } catch (error) {
    if (error instanceof SafetensorsError) return error.message;
    throw error;
  }
  throw new Error('the folder was read');
}

describe('a checkpoint of another vocabulary: bf16, three files, grouped queries, its own head', () => {
  const policy = readPolicyFolder(bpeFolder());

  test.each(bpeExpected().texts)('$text: ids and logits of transformers', (expected) => {
    const { text, ids, last_logits } = expected;
    const { prefix, encode } = policy.tokenizer!;
    expect([...prefix, ...encode(text)]).toEqual(ids);
    const { logits } = forward(policy.spec, toFloat64(policy.weights), ids, 1, ids.length);
    const last = logits.slice(-policy.spec.vocab_size);
    expect(difference(last, last_logits)).toBeLessThan(LOGITS_TOLERANCE);
    // Float64 against f32 of logits of this width; random ones would be units apart.
    expect(Math.max(...last_logits) - Math.min(...last_logits)).toBeGreaterThan(1);
  });

  test('texts of its tokens join to the text they came from', () => {
    const ids = policy.tokenizer!.encode('the answer is 7 - 5 = 2');
    expect(ids.map((id) => policy.vocabulary[id]).join('')).toBe('the answer is 7 - 5 = 2');
  });

  test('it leaves as it came: tokenizer bytes, weights and config', () => {
    const out = policyFolder(policy);
    expect(out.get('tokenizer.json')).toEqual(bpeFolder().get('tokenizer.json'));
    const again = readPolicyFolder(out);
    expect(again.spec).toEqual(policy.spec);
    expect(again.weights).toEqual(policy.weights);
    expect(again.tokenizer?.eos).toBe(policy.tokenizer?.eos);
  });

  test('it plays the tasks whose texts it has, in its own tokens', () => {
    const countdown = taskNamed('countdown');
    const task = taskFor(policy, countdown);
    const { prefix, eos } = policy.tokenizer!;
    for (let seed = 0; seed < 20; seed++) {
      const prompt = task.prompt(stream(seed, 0));
      const own = countdown.prompt(stream(seed, 0));
      expect(prompt.slice(0, prefix.length)).toEqual(prefix);
      const text = prompt.slice(prefix.length).map((id) => policy.vocabulary[id]);
      expect(text).toEqual(own.map((id) => countdown.vocabulary[id]));
      expect(task.isPrompt(prompt)).toBe(true);
      expect(task.isPrompt(own)).toBe(false);
      const solved = task.solve(prompt, stream(seed, 0))!;
      expect(solved.at(-1)).toBe(eos);
      expect(task.verify(prompt, solved).reward).toBe(1);
      expect(task.answer(prompt, solved)).not.toBeNull();
      expect(task.draw(prompt, solved).kind).toBe('expression');
      // A token that is no text of the task spoils it, wherever it stands.
      const foreign = policy.tokenizer!.encode('the')[0];
      for (let at = 0; at < solved.length; at++) {
        const spoilt = solved.toSpliced(at, 0, foreign);
        expect(task.verify(prompt, spoilt).reward).toBe(0);
      }
    }
  });

  test('a reason names a foreign token by its text', () => {
    const task = taskFor(policy, taskNamed('chain-sum'));
    const prompt = task.prompt(stream(1, 0));
    const response = [...policy.tokenizer!.encode('a'), policy.tokenizer!.eos];
    expect(task.verify(prompt, response).reason).toContain('It ended with "a" instead of a digit');
  });

  test('a task whose texts it lacks is refused by their names', () => {
    const play = () => taskFor(policy, taskNamed('maze-small'));
    expect(play).toThrow(RlvrError);
    expect(play).toThrow(/no single token for .*a1.*and 8 more of maze-small/);
  });
});

test.each(tasks.map(({ name }) => name))(
  '%s: an export comes back as the policy it was',
  (name) => {
    const policy = basePolicy(name);
    const { made, ...read } = readPolicyFolder(policyFolder(policy));
    const { made: before, ...expected } = policy;
    expect(read).toEqual(expected);
    expect([made, before]).not.toContain(undefined);
  },
);

describe('config.json', () => {
  const llama = json(bpeFolder(), 'config.json');

  test('what is left out is as in transformers', () => {
    const { vocab_size, hidden_size, intermediate_size, num_hidden_layers } = llama;
    const sizes = { vocab_size, hidden_size, intermediate_size, num_hidden_layers };
    const { spec, eos } = readLlamaConfig({
      model_type: 'llama',
      ...sizes,
      num_attention_heads: 6,
    });
    expect(eos).toBeNull();
    expect(spec).toEqual({
      ...sizes,
      num_attention_heads: 6,
      num_key_value_heads: 6,
      max_position_embeddings: 2048,
      rms_norm_eps: 1e-6,
      rope_theta: 10_000,
      tie_word_embeddings: false,
    });
  });

  test('the rotary base is read in either spelling, several end tokens give the first', () => {
    const spelt = { rope_parameters: null, rope_scaling: { type: 'default' }, rope_theta: 7 };
    expect(readLlamaConfig({ ...llama, ...spelt }).spec.rope_theta).toBe(7);
    expect(readLlamaConfig(llama).spec.rope_theta).toBe(5000);
    expect(readLlamaConfig({ ...llama, eos_token_id: [3, 1] }).eos).toBe(3);
    const long = { max_position_embeddings: 131_072 };
    expect(readLlamaConfig({ ...llama, ...long }).spec.max_position_embeddings).toBe(65_536);
  });

  test.each<[object, string]>([
    [{ model_type: 'qwen2' }, '"qwen2"'],
    [{ model_type: undefined }, 'model_type'],
    [{ architectures: ['LlamaForSequenceClassification'] }, 'LlamaForSequenceClassification'],
    [{ rope_parameters: { rope_type: 'llama3', rope_theta: 5e5, factor: 8 } }, '"llama3"'],
    [{ rope_scaling: { type: 'linear', factor: 2 } }, '"linear"'],
    [{ rope_scaling: [] }, 'rope_scaling'],
    [{ rope_theta: 10_000 }, 'two rotary bases'],
    [{ rope_parameters: { rope_theta: 5000, partial_rotary_factor: 0.5 } }, 'part of each head'],
    [{ attention_bias: true }, 'attention_bias'],
    [{ mlp_bias: true }, 'mlp_bias'],
    [{ hidden_act: 'gelu' }, 'hidden_act'],
    [{ head_dim: 8 }, 'head_dim'],
    [{ quantization_config: { bits: 4 } }, 'quantization_config'],
    [{ eos_token_id: 999 }, 'eos_token_id'],
    [{ hidden_size: 3072, head_dim: 512, num_hidden_layers: 64 }, 'parameters'],
    [{ vocab_size: 128_256 }, 'vocab_size'],
  ])('refuses %j', (change, reason) => {
    expect(refusal(changed('config.json', change))).toContain(reason);
  });
});

describe('the folder', () => {
  test.each<[string, ReadonlyMap<string, Uint8Array>, string]>([
    ['no config.json', changed('config.json', null), 'no config.json'],
    ['no tokenizer', changed('tokenizer.json', null), 'no tokenizer.json'],
    ['no weights', changed('model.safetensors.index.json', null), 'neither model.safetensors'],
    ['a shard missing', changed('model-00002-of-00003.safetensors', null), 'model-00002'],
    [
      'an index that names a path',
      changed('model.safetensors.index.json', { weight_map: { x: '../../secret' } }),
      '../../secret',
    ],
    ['an index without a map', changed('model.safetensors.index.json', { weight_map: 1 }), 'map'],
    [
      'an index that names another file for a tensor',
      changed('model.safetensors.index.json', {
        weight_map: { 'lm_head.weight': 'model-00002-of-00003.safetensors' },
      }),
      'does not name',
    ],
    ['another tokenizer', changed('tokenizer.json', { model: { type: 'Unigram' } }), '"Unigram"'],
    ['a broken tokenizer', changed('tokenizer.json', { model: { type: 'BPE' } }), 'tokenizer.json'],
    [
      'JSON that is none',
      new Map([...bpeFolder(), ['config.json', new TextEncoder().encode('{"a":1,"a":2}')]]),
      'config.json is not valid JSON',
    ],
  ])('%s', (_, files, reason) => {
    expect(refusal(files)).toContain(reason);
  });

  test('an end that nobody names is asked for', () => {
    const files = changed('config.json', { eos_token_id: null });
    expect(readPolicyFolder(files).tokenizer?.eos).toBe(1);
    files.set('tokenizer_config.json', bytes({}));
    expect(refusal(files)).toContain('eos_token_id');
  });

  test('a tensor too many is refused, tables of angles and the head of a tied model are left out', () => {
    const files = bpeFolder();
    const index = json(files, 'model.safetensors.index.json');
    const map = index.weight_map as Record<string, string>;
    const add = (name: string, shape: number[]) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b));
      files.set('extra', writeSafetensors(new Map([[name, { dtype: 'F32', shape, data }]])));
      files.set(
        'model.safetensors.index.json',
        bytes({ ...index, weight_map: { ...map, [name]: 'extra' } }),
      );
    };
    add('model.layers.0.self_attn.q_proj.bias', [24]);
    expect(refusal(files)).toContain('q_proj.bias');
    add('model.layers.0.self_attn.rotary_emb.inv_freq', [2]);
    expect(readPolicyFolder(files).weights.size).toBe(21);
    files.set(
      'config.json',
      changed('config.json', { tie_word_embeddings: true }).get('config.json')!,
    );
    expect(readPolicyFolder(files).weights.has('lm_head.weight')).toBe(false);
  });

  test('whatever JSON its files hold, it is read or refused by a sentence', () => {
    const names = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
    const files = bpeFolder();
    const keys = new Map(names.map((name) => [name, Object.keys(json(files, name))]));
    const slip = fc.constantFrom(...names).chain((name) =>
      fc.record({
        name: fc.constant(name),
        key: fc.constantFrom(...(keys.get(name) ?? [])),
        value: fc.jsonValue({ maxDepth: 3 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(slip, { minLength: 1, maxLength: 3 }), (slips) => {
        const given = bpeFolder();
        for (const { name, key, value } of slips) {
          given.set(name, bytes({ ...json(given, name), [key]: value }));
        }
        try {
          readPolicyFolder(given);
        } catch (error) {
          if (!(error instanceof SafetensorsError)) throw error;
          expect(error.message).toMatch(/^[^\n]{1,400}\.$/u);
        }
      }),
      { seed: 20251, numRuns: 300 },
    );
    expect(Object.prototype).not.toHaveProperty('polluted');
  });
});

describe('16-bit numbers', () => {
  test('binary16: every finite one by its formula, infinities and NaN as such', () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const read = widened('F16', all);
    for (const half of all) {
      const sign = half & 0x8000 ? -1 : 1;
      const exponent = (half >> 10) & 31;
      const fraction = (half & 1023) / 1024;
      const small = fraction * 2 ** -14;
      const want =
        exponent === 31
          ? fraction === 0
            ? sign * Infinity
            : NaN
          : sign * (exponent === 0 ? small : (1 + fraction) * 2 ** (exponent - 15));
      if (!Object.is(read[half], want)) expect(read[half], `bits ${half}`).toBe(want);
    }
  });

  test('bfloat16 is the upper half of f32', () => {
    const values = Float32Array.of(1, -2.5, 0.0078125, -0, Infinity, 2 ** -130);
    const halves = new Uint32Array(values.buffer).map((bits) => bits >>> 16);
    expect([...widened('BF16', Uint16Array.from(halves))]).toEqual([...values]);
  });
});

test('a vocabulary of whole words is cut from the left, the longest first', () => {
  const vocab = { a: 0, ab: 1, b: 2, '⏎': 3, ['__proto__']: 4 };
  const file = { model: { type: 'WordLevel', vocab } };
  const { encode, vocabulary, eos } = readTokenizer(file, { eos_token: { content: '⏎' } }, 6);
  expect(encode('aabb__proto__⏎')).toEqual([0, 1, 2, 4, 3]);
  expect(vocabulary).toEqual(['a', 'ab', 'b', '⏎', '__proto__', '']);
  expect(eos).toBe(3);
  expect(() => encode('abc')).toThrow('"c"');
});
