import { promptOf, samplePolicy } from '../engine/sample_policy';
import { RlvrError } from '../errors/failure';
import { TASK_NAMES } from '../tasks/registry';
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
    const prompt = values.prompt ?? '';
    if (prompt === '') refuse('--prompt', 'give a text to go on with');
    const samples = wholeNumber('samples', values.samples, 4, [1, 1024]);
    const seed = wholeNumber('seed', values.seed, 0, [0, 2 ** 32 - 1]);
    const temperature = Number(values.temperature ?? 1);
    if (!(temperature >= 0.01 && temperature <= 100)) {
      refuse('--temperature', `it must be a number from 0.01 to 100; got "${values.temperature}"`);
    }
    const policy = await loadPolicy(name, TASK_NAMES);
    const { room } = named(() => promptOf(policy, prompt));
    const tokens = wholeNumber('tokens', values.tokens, Math.min(32, room), [1, room]);
    const gpu = await openGpu(values.adapter);
    const request = { prompt, samples, temperature, seed };
    for (const text of await samplePolicy(gpu, policy, request, tokens)) {
      process.stdout.write(`${JSON.stringify(text)}\n`);
    }
    return 0;
  },
};

/** Runs work whose refusals name the prompt; the option is called so here. */
function named<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RlvrError) || error.failure.kind !== 'badInput') throw error;
    return refuse(`--${error.failure.field}`, error.failure.detail);
  }
}
