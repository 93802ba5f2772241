/**
 * `npm run mutants [-- WORD...]`: shows that the tests notice mistakes. Each entry of
 * tests/mutants.json is a one-line wrong change and the test files that must fail because of it; the
 * words choose entries by name. Works in a copy of the checkout, never in the checkout itself.
 *
 * An entry: {"name", "file", "find", "replace", "tests": [files], "expect"?: "caught" | "survived"}.
 * `find` occurs exactly once in `file`. `survived` is for harmless changes that test this harness.
 * Exits 1 when an outcome is not the expected one, when `find` fits nowhere or twice, or when a test
 * file fails without any change (a failing test catches everything).
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './environment.mjs';

const mutantLimit = 10 * 60_000;

const words = process.argv.slice(2);
const all = JSON.parse(readFileSync(join(root, 'tests', 'mutants.json'), 'utf8'));
const mutants = all.filter(
  ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
);
if (mutants.length === 0)
  stop(`no mutant of tests/mutants.json has a name with ${words.join(' or ')}`);

const complaints = mutants.flatMap(invalid);
if (complaints.length > 0) stop(complaints.join('\n'));

const copy = mkdtempSync(join(tmpdir(), 'rlvr-mutants-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
copyCheckout();

console.log('without a change ...');
const files = [...new Set(mutants.flatMap(({ tests }) => tests))];
const baseline = await runTests(files);
if (baseline.outcome !== 'survived') {
  stop(`the tests fail without any change, so they would catch anything:\n${baseline.detail}`);
}

const width = Math.max(...mutants.map(({ name }) => name.length));
let wrong = 0;
for (const mutant of mutants) {
  const { name, file, find, replace, tests, expect = 'caught' } = mutant;
  const path = join(copy, file);
  const original = readFileSync(path, 'utf8');
  const start = performance.now();
  writeFileSync(
    path,
    original.replace(find, () => replace),
  );
  const { outcome, detail } = await runTests(tests);
  writeFileSync(path, original);
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(5);
  const asExpected = outcome === expect;
  if (!asExpected) wrong += 1;
  const remark = asExpected
    ? outcome === 'caught'
      ? detail
      : '(as it should)'
    : `WRONG: ${detail}`;
  console.log(`${outcome.padEnd(9)}${name.padEnd(width)} ${seconds} s  ${remark}`);
}
console.log(`${mutants.length - wrong} of ${mutants.length} mutants as expected`);
process.exit(wrong > 0 ? 1 : 0);

/** What is wrong with an entry, as sentences. */
function invalid({ name, file, find, replace, tests }) {
  const missing = [file, ...(tests ?? [])].filter((path) => !existsSync(join(root, path ?? '')));
  if (missing.length > 0) return [`${name}: there is no ${missing.join(', ')}`];
  if (!tests?.length) return [`${name}: names no test files`];
  if (find === replace) return [`${name}: changes nothing`];
  const count = readFileSync(join(root, file), 'utf8').split(find).length - 1;
  return count === 1 ? [] : [`${name}: its text occurs ${count} times in ${file}, not once`];
}

/** The files git would track, as they are now; node_modules by a link. */
function copyCheckout() {
  const listed = spawnSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    },
  );
  if (listed.status !== 0) stop(`git ls-files failed: ${listed.stderr}`);
  for (const path of listed.stdout.split('\0').filter(Boolean)) {
    if (!existsSync(join(root, path))) continue; // deleted but not yet committed so
    mkdirSync(join(copy, dirname(path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
}

/**
 * `survived` when all tests pass; `caught` when one fails (or does not end); `broken` when none ran
 * or the shader was refused: a change that does not even load shows nothing about the tests.
 */
async function runTests(tests) {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const { code, output } = await vitest([
    ...tests,
    '--bail=1',
    '--reporter=json',
    `--outputFile=${report}`,
  ]);
  if (code === null) return { outcome: 'caught', detail: 'did not end' };
  let results;
  try {
    results = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { outcome: 'broken', detail: output.slice(-2000) };
  }
  if (code === 0 && results.numPassedTests > 0) {
    return { outcome: 'survived', detail: `${results.numPassedTests} tests passed` };
  }
  const failures = results.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed'),
  );
  const refused = failures.flatMap(({ failureMessages }) => failureMessages).find(refusedShader);
  if (refused !== undefined) return { outcome: 'broken', detail: refused.slice(0, 500) };
  if (failures.length > 0) return { outcome: 'caught', detail: failures[0].fullName };
  const messages = results.testResults.map(({ message }) => message).filter(Boolean);
  return { outcome: 'broken', detail: messages.join('\n') || output.slice(-2000) };
}

/** A shader that does not compile is the compiler's catch, not the tests'. */
function refusedShader(message) {
  return /"kind":"shaderCompile"|Error while parsing WGSL|Invalid ShaderModule/.test(message);
}

function vitest(args) {
  return new Promise((resolve) => {
    const program = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const child = spawn(process.execPath, [program, 'run', ...args], {
      cwd: copy,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: mutantLimit,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    }
    child.on('close', (code) => resolve({ code, output }));
  });
}

function stop(message) {
  console.error(message);
  process.exit(1);
}
