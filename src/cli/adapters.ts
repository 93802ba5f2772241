import { RlvrError } from '../errors/failure';
import { listAdapters } from './adapter';
import { readArgs, refuse, type Command } from './options';

export const adaptersCommand: Command = {
  name: 'adapters',
  usage: 'adapters [--json]',
  summary: 'list the GPU adapters that can be used',
  help: ['Each line ends with the name to give to --adapter.'],
  async run(args) {
    const { values, positionals } = readArgs(args, { json: { type: 'boolean' } });
    if (positionals.length > 0) refuse('arguments', 'this command takes none');
    const adapters = await listAdapters();
    if (adapters.length === 0) throw new RlvrError({ kind: 'noAdapter' });
    for (const adapter of adapters) {
      const { vendor, architecture, description, software, pick } = adapter;
      const kind = software ? 'software' : 'graphics processor';
      process.stdout.write(
        values.json
          ? `${JSON.stringify(adapter)}\n`
          : `${[vendor, architecture, description].filter(Boolean).join(' ')} (${kind}): --adapter "${pick}"\n`,
      );
    }
    return 0;
  },
};
