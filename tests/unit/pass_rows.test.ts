import { describe, expect, test } from 'vitest';
import { estimateMemory, fittingPasses } from '../../src/gpu/transformer/buffers';
import { parameterLayout } from '../../src/model/layout';
import { segments } from '../../src/gpu/transformer/policy_buffers';
import type { ModelSpec } from '../../src/model/spec';

const MIB = 2 ** 20;

const model = (changes: Partial<ModelSpec>): ModelSpec => ({
  vocab_size: 32,
  hidden_size: 64,
  intermediate_size: 176,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: false,
  ...changes,
});

const TEN_MILLION = model({
  hidden_size: 320,
  intermediate_size: 864,
  num_hidden_layers: 8,
  num_attention_heads: 10,
  num_key_value_heads: 10,
});

const FIFTY_MILLION = model({
  hidden_size: 512,
  intermediate_size: 1376,
  num_hidden_layers: 16,
  num_attention_heads: 16,
  num_key_value_heads: 16,
});

const shape = (passRows: number) => ({
  ...{ runs: 1, rows: 64, length: 64, promptLength: 16, minibatchRows: 64, passRows },
  ...{ updates: 1, eos: 1 },
});

const passRowsOf = (spec: ModelSpec, minibatchRows: number, length: number) =>
  fittingPasses(spec, minibatchRows, length).passRows ?? 0;

describe('rows of a pass', () => {
  test('a small policy takes its minibatch in one', () => {
    expect(fittingPasses(model({}), 64, 40)).toEqual({ passRows: 64 });
    expect(fittingPasses(model({}), 7, 40)).toEqual({ passRows: 7 });
  });

  test('a large one in equal parts, as few as fit', () => {
    const rows = passRowsOf(TEN_MILLION, 64, 64);
    expect(rows).toBeLessThan(64);
    expect(64 % rows).toBe(0);
    // What one pass more would not change is not there: twice the rows are too many.
    const held = (passRows: number) => estimateMemory(TEN_MILLION, shape(passRows));
    expect(held(2 * rows) - held(rows)).toBeGreaterThan(128 * MIB * 0.4);
  });

  test('where no part fits, row by row', () => {
    const wide = model({ hidden_size: 60_000 });
    expect(passRowsOf(wide, 6, 64)).toBe(1);
  });

  test('of a large vocabulary parts are held, whatever its size', () => {
    expect(fittingPasses(model({ vocab_size: 8192 }), 64, 40)).not.toHaveProperty('vocabPart');
    const small = fittingPasses(model({ vocab_size: 8193 }), 64, 40);
    expect(small.vocabPart).toBe(4096);
    expect(fittingPasses(model({ vocab_size: 200_000 }), 64, 40)).toEqual(small);
    // A hundred positions of 32,000 tokens in float32 alone are 12 MiB; logits, gradient and all take less than their half.
    const held = (vocabPart?: number) =>
      estimateMemory(model({ vocab_size: 32_000 }), {
        ...{ runs: 1, rows: 4, length: 26, promptLength: 8, minibatchRows: 4, updates: 1, eos: 1 },
        ...(vocabPart === undefined ? {} : { vocabPart }),
      });
    const saved = 4 * 25 * 2 * (32_000 - 4096) * 4;
    expect(held() - held(4096)).toBeCloseTo(saved - 4 * 25 * 16 * 4, 0);
  });

  test('a prime number of rows is all of them or one', () => {
    expect(passRowsOf(TEN_MILLION, 61, 64)).toBe(1);
  });
});

describe('memory', () => {
  test('of 50 million parameters on 64 rollouts stays within what every device allows', () => {
    const passRows = passRowsOf(FIFTY_MILLION, 64, 64);
    const limits = {
      maxBufferSize: 256 * MIB,
      maxStorageBufferBindingSize: 128 * MIB,
    } as GPUSupportedLimits;
    const bytes = estimateMemory(FIFTY_MILLION, shape(passRows), limits);
    // Weights, gradients, two moments, base policy and the weights before the updates, and 128 MiB for a pass.
    const parameters = 6 * 4 * parameterLayout(FIFTY_MILLION).total;
    expect(bytes).toBeGreaterThan(parameters);
    expect(bytes).toBeLessThan(parameters + 700 * MIB);
    // In one pass it would be more than a gigabyte more.
    expect(estimateMemory(FIFTY_MILLION, shape(64))).toBeGreaterThan(bytes + 1024 * MIB);
  });

  test('a refusal names the limit, what is there and what is needed', () => {
    const limits = { maxBufferSize: 1000, maxStorageBufferBindingSize: 1000 } as GPUSupportedLimits;
    expect(() => estimateMemory(model({}), shape(64), limits)).toThrowError(
      expect.objectContaining({
        failure: expect.objectContaining({ kind: 'limitTooSmall', have: 1000 }) as unknown,
      }) as Error,
    );
  });
});

describe('segments of the parameters', () => {
  const layout = parameterLayout(model({}));

  test('one, where all of it can be bound', () => {
    expect(segments(layout, 1)).toEqual([{ offset: 0, numbers: layout.total }]);
    expect(segments(layout, 8, 256)).toEqual([{ offset: 0, numbers: layout.total }]);
  });

  test('else they follow each other at offsets that can be bound', () => {
    for (const most of [256, 1000, 65_536]) {
      const all = segments(layout, 1, most);
      let at = 0;
      for (const { offset, numbers } of all) {
        expect(offset).toBe(at);
        expect((offset * 4) % 256).toBe(0);
        expect(numbers * 4).toBeLessThanOrEqual(most);
        at += numbers;
      }
      expect(at).toBe(layout.total);
    }
  });
});
