import { basename, join } from 'node:path';
import { readCase, type Case } from '../engine/case_file';
import { checkCase, type CaseReport } from '../engine/conformance';
import {
  parseSafetensors,
  SafetensorsError,
  writeSafetensors,
  type SafetensorsTensor,
} from '../model/safetensors';
import { openGpu } from './adapter';
import { prepareFolder, readBytes, writeWhole } from './files';
import { readArgs, refuse, type Command } from './options';

export const checkCommand: Command = {
  name: 'check',
  usage: 'check CASE.safetensors... [--json] [--dump DIR] [--adapter NAME]',
  summary: 'compare our kernels with conformance cases of an independent stack',
  help: [
    'Runs each case (format rlvr-case-1) through the kernels of training and compares with its expected tensors.',
    '--json prints {"case","ok","errors"} a line; --dump writes what the GPU computed. Exit 1 if a case fails.',
  ],
  async run(args) {
    const { values, positionals } = readArgs(args, {
      json: { type: 'boolean' },
      dump: { type: 'string' },
      adapter: { type: 'string' },
    });
    if (positionals.length === 0) refuse('CASE', 'give at least one case file');
    const cases: { name: string; subject: Case }[] = [];
    for (const path of positionals) {
      cases.push({ name: basename(path, '.safetensors'), subject: await loadCase(path) });
    }
    if (values.dump) await prepareFolder(values.dump, '--dump');
    const gpu = await openGpu(values.adapter);
    let failed = 0;
    for (const { name, subject } of cases) {
      const report = await checkCase(gpu, subject);
      if (!report.ok) failed++;
      if (values.dump) await dump(join(values.dump, `${name}.safetensors`), subject, report);
      process.stdout.write(values.json ? jsonLine(name, report) : table(name, report));
    }
    return failed > 0 ? 1 : 0;
  },
};

async function loadCase(path: string): Promise<Case> {
  try {
    return readCase(parseSafetensors(await readBytes(path, 'CASE')));
  } catch (error) {
    if (error instanceof SafetensorsError) return refuse('CASE', `${path}: ${error.message}`);
    throw error;
  }
}

function jsonLine(name: string, { ok, errors }: CaseReport): string {
  return `${JSON.stringify({ case: name, ok, errors })}\n`;
}

function table(name: string, { ok, errors, tolerances }: CaseReport): string {
  const lines = Object.entries(errors).map(([tensor, error]) => {
    const allowed = tolerances[tensor] ?? 0;
    return `  ${error <= allowed ? 'ok  ' : 'FAIL'} ${error.toExponential(1)} of ${allowed.toExponential(1)}  ${tensor}`;
  });
  return `${name}: ${ok ? 'ok' : 'FAIL'}\n${lines.join('\n')}\n`;
}

/** Every expected tensor as the GPU computed it, under `actual.` instead of `expected.`. */
async function dump(
  path: string,
  { expected, shapes }: Case,
  { actual }: CaseReport,
): Promise<void> {
  const tensors = new Map<string, SafetensorsTensor>();
  for (const name of expected.keys()) {
    const data = actual.get(name);
    const shape = shapes.get(name) ?? [];
    if (data instanceof Float32Array) tensors.set(`actual.${name}`, { dtype: 'F32', shape, data });
    if (data instanceof Int32Array) tensors.set(`actual.${name}`, { dtype: 'I32', shape, data });
  }
  await writeWhole(path, writeSafetensors(tensors, new Map([['format', 'rlvr-case-actual-1']])));
}
