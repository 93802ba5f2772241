import { readdir, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RlvrError } from '../errors/failure';
import { renderReport } from '../export/report/report';
import type { ReportEntry } from '../export/report/section';
import { parseCatalogue, type CatalogueEntry } from '../recipe/catalogue';
import { problemText, type Result } from '../recipe/untrusted';
import { readExperiment } from './experiment_file';
import { prepareFolder, readJson, writeWhole } from './files';
import { readArgs, refuse, type Command } from './options';
import { readRecord } from './record_file';

export const reportCommand: Command = {
  name: 'report',
  usage: 'report [--experiments DIR] [--runs DIR] [--out DIR]',
  summary: 'write docs/experiments.md from experiments and the records of their runs',
  help: [
    'Reads DIR/index.json and the experiments it lists (default public/experiments), and the record of each where there',
    'is one (default public/runs/ID.json, a copy of the record.json that "run" writes).',
    'Writes experiments.md and the figures experiments/*.svg (default in docs).',
  ],
  async run(args) {
    const { values, positionals } = readArgs(args, {
      experiments: { type: 'string' },
      runs: { type: 'string' },
      out: { type: 'string' },
    });
    if (positionals.length > 0) refuse('arguments', `"${positionals[0]}" is not expected`);
    const root = process.env.RLVR_ROOT ?? '.';
    const experiments = values.experiments ?? join(root, 'public', 'experiments');
    const runs = values.runs ?? join(root, 'public', 'runs');
    const out = values.out ?? join(root, 'docs');
    const index = join(experiments, 'index.json');
    const catalogue = accepted(parseCatalogue(await readJson(index, '--experiments')), index);
    const entries: ReportEntry[] = [];
    for (const entry of catalogue) entries.push(await readEntry(entry, experiments, runs));
    const { markdown, figures } = renderReport(entries);
    const folder = join(out, 'experiments');
    await prepareFolder(folder, '--out');
    await writeWhole(join(out, 'experiments.md'), markdown);
    for (const [name, svg] of figures) await writeWhole(join(folder, name), svg);
    await removeOldFigures(folder, figures);
    const recorded = entries.filter(({ record }) => record !== null).length;
    process.stdout.write(
      `${join(out, 'experiments.md')}: ${entries.length} experiments, ${recorded} of them run\n`,
    );
    return 0;
  },
};

async function readEntry(
  { id }: CatalogueEntry,
  experiments: string,
  runs: string,
): Promise<ReportEntry> {
  const experiment = await readExperiment(join(experiments, `${id}.json`), '--experiments');
  const path = join(runs, `${id}.json`);
  const record = existsSync(path) ? await readRecord(path, '--runs') : null;
  return { id, experiment, record };
}

function accepted<T>(parsed: Result<T>, path: string): T {
  if (parsed.ok) return parsed.value;
  const detail = `${path}: ${problemText(parsed.problems)}`;
  throw new RlvrError({ kind: 'badRecipe', detail });
}

/** Figures of experiments that are gone; nothing else in the folder is ours. */
async function removeOldFigures(
  folder: string,
  figures: ReadonlyMap<string, string>,
): Promise<void> {
  for (const name of await readdir(folder)) {
    const ours = /^[a-z0-9-]+-(entropy|reward)\.svg$/.test(name);
    if (ours && !figures.has(name)) await rm(join(folder, name), { force: true });
  }
}
