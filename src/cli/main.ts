import { RlvrError } from '../errors/failure';
import { describeFailure, failureLine } from '../errors/describe';
import { adaptersCommand } from './adapters';
import { benchCommand } from './bench';
import { checkCommand } from './check';
import { evaluateCommand } from './evaluate';
import { exportCommand } from './export';
import { inspectCommand } from './inspect';
import { joinCommand } from './join';
import { methodsCommand } from './methods';
import type { Command } from './options';
import { pretrainCommand } from './pretrain';
import { reportCommand } from './report';
import { runCommand } from './run';
import { sampleCommand } from './sample';

const commands: readonly Command[] = [
  runCommand,
  joinCommand,
  checkCommand,
  pretrainCommand,
  evaluateCommand,
  inspectCommand,
  sampleCommand,
  exportCommand,
  benchCommand,
  reportCommand,
  methodsCommand,
  adaptersCommand,
];

function usage(): string {
  const widest = Math.max(...commands.map(({ name }) => name.length));
  return [
    'rlvr: train a small transformer with reinforcement learning from verifiable rewards, on WebGPU.',
    '',
    'Usage: npm run -s rlvr -- COMMAND [options]',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(widest)}  ${summary}`),
    '',
    'COMMAND --help tells more.',
  ].join('\n');
}

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(`${usage()}\n`);
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) {
    process.stderr.write(
      `Unknown command "${name}". Commands: ${commands.map((c) => c.name).join(', ')}.\n`,
    );
    return 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(
      `Usage: npm run -s rlvr -- ${command.usage}\n\n${command.help.join('\n')}\n`,
    );
    return 0;
  }
  return command.run(rest);
}

/** Bad input is the user's to mend (2); everything else went wrong on our side or on the device (1). */
function report(error: unknown): number {
  if (!(error instanceof RlvrError)) {
    process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
    return 1;
  }
  const { failure } = error;
  if (failure.kind === 'badInput' || failure.kind === 'badRecipe' || failure.kind === 'badPolicy') {
    process.stderr.write(`${failureLine(failure)}\n`);
    return 2;
  }
  const { title, what, kept, action } = describeFailure(failure, 'terminal');
  process.stderr.write(`${title}. ${what} ${kept} ${action}\n`);
  return 1;
}

// Dawn keeps the process alive after the last command, so the exit is explicit.
main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => process.exit(report(error)),
);
