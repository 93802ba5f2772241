import { sampleResponses } from '../engine/evaluate';
import { TransformerRuns } from '../gpu/transformer/runs';
import { readTokenizer } from '../model/foreign/tokenizer';
import { packWeights } from '../model/layout';
import type { Policy, PolicyTokenizer } from '../model/policy';
import { SafetensorsError } from '../model/safetensors';
import { vocabularyTokenizer } from '../export/hf_tokenizer';
import { TASK_NAMES, taskNamed } from '../tasks/registry';
import { openGpu } from './adapter';
import { readArgs, refuse, wholeNumber, type Command } from './options';
import { loadPolicy } from './policy_file';

export const sampleCommand: Command = {
  name: 'sample',
  usage:
    'sample POLICY --prompt TEXT [--tokens N] [--samples N] [--temperature T] [--seed N] [--adapter NAME]',
  summary: 'let a policy go on with a text',
  help: [
    'POLICY is the name of a base policy, a .safetensors file or a Hugging Face folder of the Llama architecture. TEXT is',
    'written in its tokens, without spaces for our own tasks ("1234=" for chain-sum). Default: 4 samples of up to 32',
    'tokens at temperature 1, seed 0. Each line is one response as a JSON string, up to its end token.',
  ],
  async run(args) {
    const { values, positionals } = readArgs(args, {
      prompt: { type: 'string' },
      tokens: { type: 'string' },
      samples: { type: 'string' },
      temperature: { type: 'string' },
      seed: { type: 'string' },
      adapter: { type: 'string' },
    });
    const [name, ...rest] = positionals;
    if (name === undefined || rest.length > 0) refuse('POLICY', 'give one policy');
    if (!values.prompt) refuse('--prompt', 'give a text to go on with');
    const samples = wholeNumber('samples', values.samples, 4, [1, 1024]);
    const seed = wholeNumber('seed', values.seed, 0, [0, 2 ** 32 - 1]);
    const temperature = Number(values.temperature ?? 1);
    if (!(temperature >= 0.01 && temperature <= 100)) {
      refuse('--temperature', `it must be a number from 0.01 to 100; got "${values.temperature}"`);
    }
    const policy = await loadPolicy(name, TASK_NAMES);
    const { eos, prefix, encode } = textOf(policy);
    const prompt = encoded(values.prompt, encode, prefix);
    const room = policy.spec.max_position_embeddings - prompt.length;
    if (room < 1) refuse('--prompt', `its ${prompt.length} tokens leave the policy no room`);
    const tokens = wholeNumber('tokens', values.tokens, Math.min(32, room), [1, room]);

    const gpu = await openGpu(values.adapter);
    const frame = { promptLength: prompt.length, eos };
    const runs = await TransformerRuns.create(gpu, policy.spec, {
      runs: 1,
      rows: Math.min(64, samples),
      length: prompt.length + tokens,
      minibatchRows: 1,
      updates: 1,
      ...frame,
    });
    runs.writeParameters('weights', 0, packWeights(runs.layout, policy.weights));
    const [responses = []] = await sampleResponses(runs, {
      task: frame,
      samples,
      runs: [{ seed, temperature, prompts: [prompt] }],
    });
    for (const { tokens: ids } of responses) {
      const text = ids.filter((id) => id !== eos).map((id) => policy.vocabulary[id]);
      process.stdout.write(`${JSON.stringify(text.join(''))}\n`);
    }
    return 0;
  },
};

/** How a policy reads text: by its own tokenizer, or by the texts of its task. */
function textOf(policy: Policy): Omit<PolicyTokenizer, 'files'> {
  const { tokenizer, vocabulary, task } = policy;
  if (tokenizer) return tokenizer;
  const { eos } = taskNamed(task);
  const file = vocabularyTokenizer(vocabulary, { eos, pad: eos });
  return { ...readTokenizer(file, {}, vocabulary.length), eos };
}

function encoded(
  text: string,
  encode: PolicyTokenizer['encode'],
  prefix: readonly number[],
): number[] {
  try {
    return [...prefix, ...encode(text)];
  } catch (error) {
    if (error instanceof SafetensorsError) return refuse('--prompt', error.message);
    throw error;
  }
}
