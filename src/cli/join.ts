import { RlvrError } from '../errors/failure';
import { problemText } from '../recipe/untrusted';
import { joinRecords } from '../storage/join_records';
import type { RunRecord } from '../storage/record';
import { readExperiment } from './experiment_file';
import { prepareFileTarget, writeWhole } from './files';
import { readArgs, refuse, type Command } from './options';
import { readRecord } from './record_file';

export const joinCommand: Command = {
  name: 'join',
  usage: 'join EXPERIMENT.json RECORD.json... --out FILE',
  summary: 'one record of an experiment from records of its parts',
  help: [
    'For experiments whose arms or seeds were run on their own: on several computers, or because an arm was added later.',
    'Each RECORD is the record.json of a "run". Takes from them every arm and seed that EXPERIMENT names, wherever the',
    'same settings were run, and makes the statistics anew. Refuses, and writes nothing, where a run is missing.',
  ],
  async run(args) {
    const { values, positionals } = readArgs(args, { out: { type: 'string' } });
    const [path, ...parts] = positionals;
    if (path === undefined) refuse('EXPERIMENT', 'give one experiment file');
    if (parts.length === 0) refuse('RECORD', 'give at least one record');
    if (!values.out) refuse('--out', 'say which file to write');
    const experiment = await readExperiment(path, 'EXPERIMENT');
    const records: RunRecord[] = [];
    for (const part of parts) records.push(await readRecord(part, 'RECORD'));
    const joined = joinRecords(experiment, records);
    if (!joined.ok) {
      throw new RlvrError({ kind: 'badRecipe', detail: problemText(joined.problems) });
    }
    await prepareFileTarget(values.out, '--out');
    await writeWhole(values.out, `${JSON.stringify(joined.value)}\n`);
    const { arms, seeds } = experiment;
    process.stdout.write(`${values.out}: ${arms.length} arms at ${seeds.length} seeds\n`);
    return 0;
  },
};
