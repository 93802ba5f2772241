import { policyFacts } from '../engine/policy_facts';
import type { PolicyFacts } from '../model/policy_facts';
import { TASK_NAMES } from '../tasks/registry';
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
    const facts = policyFacts(policy);
    if (values.json) process.stdout.write(`${JSON.stringify(facts)}\n`);
    else for (const line of inLines(facts)) process.stdout.write(`${line}\n`);
    return 0;
  },
};

function inLines({ config, parameters, tokenizer, tasks }: PolicyFacts): string[] {
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
