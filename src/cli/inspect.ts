import { runsShape } from '../engine/runs_shape';
import { taskFor } from '../engine/run_spec';
import { RlvrError } from '../errors/failure';
import { failureLine } from '../errors/describe';
import { estimateMemory } from '../gpu/transformer/buffers';
import type { Policy } from '../model/policy';
import { completeRecipe } from '../recipe/schema';
import { TASK_NAMES, taskNamed } from '../tasks/registry';
import { readArgs, refuse, type Command } from './options';
import { loadPolicy } from './policy_file';

export const inspectCommand: Command = {
  name: 'inspect',
  usage: 'inspect POLICY [--json]',
  summary:
    'what a policy is, which tasks its tokens can write, and the memory that training it takes',
  help: [
    'POLICY is the name of a base policy, a .safetensors file or a Hugging Face folder of the Llama architecture. The',
    'memory is that of one run with the default settings, as it is estimated before a run is started.',
  ],
  async run(args) {
    const { values, positionals } = readArgs(args, { json: { type: 'boolean' } });
    const [path, ...rest] = positionals;
    if (path === undefined || rest.length > 0) refuse('POLICY', 'give one policy');
    const policy = await loadPolicy(path, TASK_NAMES);
    const facts = factsOf(policy);
    if (values.json) process.stdout.write(`${JSON.stringify(facts)}\n`);
    else for (const line of inLines(facts)) process.stdout.write(`${line}\n`);
    return 0;
  },
};

/** How a policy stands to one task: bytes that a default run takes, or why there can be none. */
interface Fit {
  readonly task: string;
  readonly bytes: number | null;
  readonly why: string | null;
}

interface Facts {
  readonly config: Policy['spec'];
  readonly parameters: number;
  readonly tokenizer: string;
  readonly tasks: readonly Fit[];
}

function factsOf(policy: Policy): Facts {
  const { spec, weights, tokenizer } = policy;
  return {
    config: spec,
    parameters: [...weights.values()].reduce((sum, { data }) => sum + data.length, 0),
    tokenizer: tokenizer ? 'its own' : `the texts of ${policy.task}`,
    tasks: TASK_NAMES.map((name) => fitOf(policy, name)),
  };
}

function fitOf(policy: Policy, name: string): Fit {
  const recipe = completeRecipe({ task: name });
  if (!recipe.ok) throw new Error(`the default recipe of ${name} is not valid`);
  try {
    const task = taskFor(policy, taskNamed(name));
    const shape = runsShape([{ arm: '', recipe: recipe.value, policy }], task);
    return { task: name, bytes: estimateMemory(policy.spec, shape), why: null };
  } catch (error) {
    if (!(error instanceof RlvrError)) throw error;
    return { task: name, bytes: null, why: failureLine(error.failure) };
  }
}

function inLines({ config, parameters, tokenizer, tasks }: Facts): string[] {
  const count = (n: number) => n.toLocaleString('en-US');
  return [
    ...Object.entries(config).map(([key, value]) => `${key} ${value}`),
    `parameters ${count(parameters)}`,
    `tokenizer ${tokenizer}`,
    ...tasks.map(({ task, bytes, why }) =>
      bytes === null ? `${task}: ${why}` : `${task}: a run takes ${count(bytes)} bytes on the GPU`,
    ),
  ];
}
