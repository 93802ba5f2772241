import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RlvrError } from '../../src/errors/failure';
import { huggingFaceFolder, policyFolder } from '../../src/export/hf_folder';
import { vocabularyTokenizer } from '../../src/export/hf_tokenizer';
import { parseSafetensors } from '../../src/model/safetensors';
import { forward, toFloat64 } from '../../src/reference/model';
import { tasks } from '../../src/tasks/registry';
import { basePolicy, expectedLogits, LOGITS_TOLERANCE } from '../setup/hf_logits';
import { difference } from './reference_support';

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

/** The ids that an exported tokenizer gives a text: its pattern cuts, its vocabulary names. */
function encode(tokenizer: object, given: string): (number | undefined)[] {
  const { pre_tokenizer, model } = tokenizer as {
    pre_tokenizer: { pattern: { Regex: string } };
    model: { vocab: Record<string, number> };
  };
  const pattern = new RegExp(`(${pre_tokenizer.pattern.Regex})`, 'u');
  const parts = given.split(pattern).filter((part) => part !== '');
  return parts.map((part) => (Object.hasOwn(model.vocab, part) ? model.vocab[part] : undefined));
}

describe.each(expectedLogits)('%s in transformers', (name, expected) => {
  const policy = basePolicy(name);
  const folder = policyFolder(policy);

  test('the files that it loaded are those that are exported', () => {
    const digests = [...folder.keys()]
      .filter((file) => file.endsWith('.json'))
      .map((file) => {
        const bytes = folder.get(file) ?? new Uint8Array(0);
        return [file, createHash('sha256').update(bytes).digest('hex')];
      });
    // Where this fails, the export has changed: run tools/hf_logits.py again.
    expect(Object.fromEntries(digests)).toEqual(expected.digests);
  });

  test('it has as many parameters, ends with the same token and reads the same ids', () => {
    const numbers = [...policy.weights.values()].reduce((sum, { data }) => sum + data.length, 0);
    expect(expected.parameters).toBe(numbers);
    const task = tasks.find((candidate) => candidate.name === name)!;
    expect([expected.eos, expected.eos_text]).toEqual([task.eos, task.vocabulary[task.eos]]);
    for (const { text: prompt, ids } of expected.prompts) {
      expect(ids.map((id) => policy.vocabulary[id]).join('')).toBe(prompt);
      expect(encode(JSON.parse(text(folder.get('tokenizer.json'))) as object, prompt)).toEqual(ids);
    }
  });

  test.each(expected.prompts)('logits of $text', ({ ids, logits }) => {
    const ours = forward(policy.spec, toFloat64(policy.weights), ids, 1, ids.length).logits;
    expect(logits.flat().length).toBe(ids.length * policy.spec.vocab_size);
    expect(difference(ours, logits.flat())).toBeLessThan(LOGITS_TOLERANCE);
  });
});

test('the tensors are the policy’s own, bit for bit', () => {
  const policy = basePolicy('maze-small');
  const bytes = policyFolder(policy).get('model.safetensors') ?? new Uint8Array(0);
  const { tensors, metadata } = parseSafetensors(bytes);
  expect(metadata.get('format')).toBe('pt');
  expect([...tensors.keys()]).toEqual([...policy.weights.keys()]);
  for (const [name, { shape, data }] of policy.weights) {
    expect(tensors.get(name)).toEqual({ dtype: 'F32', shape, data });
  }
});

describe('the tokenizer of a vocabulary', () => {
  test.each(tasks)('$name: any sequence of tokens comes back', ({ vocabulary, eos }) => {
    const tokenizer = vocabularyTokenizer(vocabulary, { eos, pad: eos });
    const id = fc.nat({ max: vocabulary.length - 1 });
    fc.assert(
      fc.property(fc.array(id), (ids) => {
        expect(encode(tokenizer, ids.map((token) => vocabulary[token]).join(''))).toEqual(ids);
      }),
      { seed: 1 },
    );
  });

  test('signs of patterns are texts like others, and the longest text wins', () => {
    const vocabulary = ['.', 'a', 'a.', '|', '(', '\\', '[^', '__proto__', '$'];
    const tokenizer = vocabularyTokenizer(vocabulary, { eos: 1, pad: 0 });
    expect(encode(tokenizer, 'a.|(\\[^__proto__$.')).toEqual([2, 3, 4, 5, 6, 7, 8, 0]);
    expect(encode(tokenizer, 'b')).toEqual([undefined]);
  });

  test.each<[readonly string[], number, string]>([
    [['a', ''], 0, 'no text'],
    [['a', 'b', 'a'], 0, 'two tokens'],
    [['a', 'b'], 2, 'token 2'],
  ])('%j is refused', (vocabulary, eos, reason) => {
    const make = () => huggingFaceFolder(basePolicy('maze-small'), vocabulary, { eos, pad: eos });
    expect(make).toThrow(RlvrError);
    expect(make).toThrow(reason);
  });
});
