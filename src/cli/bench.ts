import { bench } from '../engine/bench';
import { openGpu } from './adapter';
import { readArgs, refuse, wholeNumber, type Command } from './options';

export const benchCommand: Command = {
  name: 'bench',
  usage: 'bench [--json] [--rounds N] [--adapter NAME]',
  summary: 'measure what one RLVR step costs on this adapter',
  help: [
    'One step is 64 rollouts of 24 positions and one update, of a policy with 11,360 parameters. Prints medians of the',
    'rounds (default 15), the dispatches, and the objects created per step.',
  ],
  async run(args) {
    const { values, positionals } = readArgs(args, {
      json: { type: 'boolean' },
      rounds: { type: 'string' },
      adapter: { type: 'string' },
    });
    if (positionals.length > 0) refuse('arguments', 'this command takes options only');
    const rounds = wholeNumber('rounds', values.rounds, 15, [1, 10_000]);
    const gpu = await openGpu(values.adapter);
    const report = { adapter: gpu.facts, ...(await bench(gpu, rounds)) };
    if (values.json) {
      process.stdout.write(`${JSON.stringify(report)}\n`);
      return 0;
    }
    const { kernels, adapter, ...figures } = report;
    process.stdout.write(`${adapter.vendor} ${adapter.architecture} ${adapter.description}\n`);
    for (const [key, value] of Object.entries(figures)) {
      process.stdout.write(`${key} ${Number.isInteger(value) ? value : value.toFixed(2)}\n`);
    }
    process.stdout.write('kernels, ms in one step:\n');
    for (const [name, ms] of Object.entries(kernels))
      process.stdout.write(`  ${name} ${ms.toFixed(2)}\n`);
    return 0;
  },
};
