/**
 * `npm run fuzz [-- INPUTS [SEED]]`: the hostile inputs of tests/fuzz in bulk, a million of them where nothing else is said
 * (FUZZ says it too), each time from another seed. A failure prints the seed and the smallest input that shows it.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './environment.mjs';

const [inputs = process.env.FUZZ ?? '1000000', seed = String(Date.now() % 2 ** 31)] =
  process.argv.slice(2);
if (![inputs, seed].every((text) => /^[1-9][0-9]{0,9}$/.test(text))) {
  console.error('fuzz: give a whole number of inputs, and a seed or none');
  process.exit(1);
}
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const hours = 6;
spawn(
  process.execPath,
  [vitest, 'run', '--project=unit', 'tests/fuzz', `--testTimeout=${hours * 3_600_000}`],
  { cwd: root, stdio: 'inherit', env: { ...process.env, FUZZ: inputs, FUZZ_SEED: seed } },
).on('close', (code) => process.exit(code ?? 1));
