import { evaluate } from '../engine/evaluate';
import { taskFor } from '../engine/run_spec';
import { TransformerRuns } from '../gpu/transformer/runs';
import { packWeights } from '../model/layout';
import { drawPrompts, HELD_OUT_PROMPTS } from '../tasks/prompts';
import { TASK_NAMES, taskNamed } from '../tasks/registry';
import { openGpu } from './adapter';
import { readArgs, refuse, wholeNumber, type Command } from './options';
import { loadPolicy } from './policy_file';

export const evaluateCommand: Command = {
  name: 'evaluate',
  usage: 'evaluate POLICY TASK [--prompts N] [--samples N] [--seed N] [--json] [--adapter NAME]',
  summary: 'sample a policy on held-out prompts: entropy, pass@k, diversity, calibration',
  help: [
    'POLICY is the name of a base policy, a .safetensors file or a Hugging Face folder of the Llama architecture.',
    `TASK is one of ${TASK_NAMES.join(', ')}. Default: 64 prompts, 16 samples each, seed 0.`,
  ],
  async run(args) {
    const { values, positionals } = readArgs(args, {
      prompts: { type: 'string' },
      samples: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean' },
      adapter: { type: 'string' },
    });
    const [name, taskName, ...rest] = positionals;
    if (name === undefined || taskName === undefined || rest.length > 0) {
      refuse('arguments', 'give a policy and a task');
    }
    const named = taskNamed(taskName);
    const prompts = wholeNumber('prompts', values.prompts, 64, [1, HELD_OUT_PROMPTS]);
    const samples = wholeNumber('samples', values.samples, 16, [1, 1024]);
    const seed = wholeNumber('seed', values.seed, 0, [0, 2 ** 32 - 1]);
    const policy = await loadPolicy(name, TASK_NAMES);
    const task = taskFor(policy, named);
    const { heldOut } = drawPrompts(task, 1, HELD_OUT_PROMPTS, seed);

    const gpu = await openGpu(values.adapter);
    const runs = await TransformerRuns.create(gpu, policy.spec, {
      runs: 1,
      rows: Math.min(128, prompts * samples),
      length: task.promptLength + task.maxResponse,
      promptLength: task.promptLength,
      minibatchRows: 1,
      updates: 1,
      eos: task.eos,
    });
    runs.writeParameters('weights', 0, packWeights(runs.layout, policy.weights));
    const [result] = await evaluate(runs, {
      task,
      samples,
      runs: [{ seed, temperature: 1, prompts: heldOut.slice(0, prompts) }],
    });
    if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else
      // Curves and histograms are shown by --json only.
      for (const [key, value] of Object.entries({ ...result }))
        if (value === null || typeof value === 'number')
          process.stdout.write(`${key} ${format(value)}\n`);
    return 0;
  },
};

function format(value: number | null): string {
  if (value === null) return 'none';
  return Number.isInteger(value) ? String(value) : value.toFixed(4);
}
