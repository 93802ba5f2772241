import { describe, expect, test } from 'vitest';
import { TransformerRuns } from '../../src/gpu/transformer/runs';
import { packWeights } from '../../src/model/layout';
import { settingsWith } from '../../src/verify/settings';
import { testGpu } from '../setup/engine';
import { basePolicy, expectedLogits, LOGITS_TOLERANCE } from '../setup/hf_logits';
import { expectAllClose } from '../setup/kernel';

describe.each(expectedLogits)('%s', (name, { prompts }) => {
  test.each(prompts)('logits of $text are those of transformers', async ({ ids, logits }) => {
    const { spec, weights } = basePolicy(name);
    // Logits are those of every position but the last, so a token follows.
    const runs = await TransformerRuns.create(await testGpu(), spec, {
      runs: 1,
      rows: 1,
      length: ids.length + 1,
      promptLength: 1,
      minibatchRows: 1,
      updates: 1,
      eos: spec.vocab_size,
    });
    runs.writeParameters('weights', 0, packWeights(runs.layout, weights));
    runs.writePrompts(Uint32Array.of(...ids, 0), Uint32Array.of(1));
    runs.writeRows(Uint32Array.of(0, 1, ids.length + 1, 0));
    runs.writeSettings([settingsWith({ token_count: ids.length })]);
    await runs.gradient();
    const ours = await runs.readLogits();
    const stride = runs.layout.dims.vocab;
    const got = logits.flatMap((row, t) => row.map((_, v) => ours[t * stride + v] ?? NaN));
    expect(got.length).toBe(ids.length * spec.vocab_size);
    expectAllClose(got, logits.flat(), { atol: LOGITS_TOLERANCE }, name);
    runs.destroy();
  });
});
