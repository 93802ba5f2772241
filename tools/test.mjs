/**
 * `npm test`: sets up and runs everything, the GPU and the browser included. A stage that fails does
 * not stop the next; a stage that ran no test has failed. The last line is `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheFolder, root } from './environment.mjs';
import { SetupError, ensureBrowser, ensurePackages } from './setup.mjs';
import { failuresOfPlaywright, failuresOfVitest, secondTriesOf } from './test_failures.mjs';

const minute = 60_000;
const bin = (name, file) => join(root, 'node_modules', name, file);

// Logs are read as text, but Vitest colours them wherever CI is set.
const plain = process.stdout.isTTY || process.env.FORCE_COLOR ? {} : { NO_COLOR: '1' };

/** The end-to-end tests compute on every core; the visual ones replay what was computed. */
const WORKERS = { e2e: 1, visual: 2 };
/** What else runs in a stage of Playwright: one build of the page serves both. */
const WITH = { visual: ['pictures'] };

const totals = { passed: 0, failed: 0 };
const lines = [];
/** What failed, with the head of its message: the log of a stage is long, its end is what is read. */
const failures = [];
/** Tests of the page that passed at their second try only, which CI gives them. */
const again = [];
const children = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal);
    process.exit(130);
  });
}

let packages = false;
await stage('set-up', async () => {
  await ensurePackages();
  packages = true;
  await ensureBrowser();
  return { passed: 0, failed: 0 };
});
if (!packages) end(); // nothing below can start
mkdirSync(cacheFolder, { recursive: true });
const reports = mkdtempSync(join(cacheFolder, 'reports-'));
process.on('exit', () => rmSync(reports, { recursive: true, force: true }));

// Each keeps one core busy, so they run side by side.
await stage('static', async () => {
  const results = await Promise.all([
    oneCheck([
      bin('typescript', 'bin/tsc'),
      '--noEmit',
      '--incremental',
      '--tsBuildInfoFile',
      join(cacheFolder, 'tsbuildinfo'),
    ]),
    oneCheck([bin('eslint', 'bin/eslint.js'), '.', '--max-warnings', '0']),
    oneCheck([bin('prettier', 'bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']),
  ]);
  const failed = results.filter((ok) => !ok).length;
  return { passed: results.length - failed, failed };
});
for (const project of ['unit', 'gpu', 'engine']) await stage(project, () => vitest(project));
for (const project of ['e2e', 'visual']) await stage(project, () => playwright(project));

end();

function end() {
  console.log(`\n${lines.join('\n')}\n`);
  for (const { name, message } of failures) console.log(`FAILED ${name}\n${message}\n`);
  for (const { name, message } of again) console.log(`SECOND TRY ${name}\n${message}\n`);
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
  process.exit(totals.failed > 0 ? 1 : 0);
}

async function stage(name, run) {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 60 - name.length))}`);
  const start = performance.now();
  let result;
  try {
    result = await run();
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    result = { passed: 0, failed: 1 };
  }
  const { passed, failed, skipped = 0 } = result;
  totals.passed += passed;
  totals.failed += failed;
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
  const mark = failed > 0 ? 'FAILED' : 'ok';
  const counts = passed + failed > 0 ? `${passed} passed, ${failed} failed` : '';
  const skips = skipped > 0 ? `, ${skipped} skipped` : '';
  lines.push(`${mark.padEnd(7)}${name.padEnd(8)}${seconds} s  ${counts}${skips}`);
}

async function oneCheck(command) {
  const ok = (await node(command, 10 * minute)) === 0;
  if (!ok)
    failures.push({ name: `static: ${basename(command[0])}`, message: '  See its log above.' });
  return ok;
}

async function vitest(project) {
  const report = join(reports, `${project}.json`);
  const code = await node(
    [
      bin('vitest', 'vitest.mjs'),
      'run',
      `--project=${project}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    30 * minute,
    plain,
  );
  const results = readReport(report);
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, testResults = [] } = results;
  failures.push(...failuresOfVitest(results));
  // A file that does not load or whose set-up fails has failed, though it counts no failed test.
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
  return verdict(code, numPassedTests, numFailedTests + brokenFiles, numPendingTests);
}

async function playwright(project) {
  const report = join(reports, `${project}.json`);
  const code = await node(
    [
      bin('@playwright/test', 'cli.js'),
      'test',
      ...[project, ...(WITH[project] ?? [])].map((name) => `--project=${name}`),
      `--workers=${WORKERS[project]}`,
      '--reporter=list,json',
    ],
    30 * minute,
    { PLAYWRIGHT_JSON_OUTPUT_NAME: report, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  );
  const results = readReport(report);
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = results.stats ?? {};
  failures.push(...failuresOfPlaywright(results));
  again.push(...secondTriesOf(results));
  return verdict(code, expected + flaky, unexpected, skipped);
}

/** Trusts the counts for what ran, and the exit code for what they cannot show. */
function verdict(code, passed, failed, skipped) {
  if (passed + failed === 0) console.error('No test ran in this stage: that is a failure.');
  const unexplained = failed === 0 && (code !== 0 || passed === 0) ? 1 : 0;
  return { passed, failed: failed + unexplained, skipped };
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return {};
  }
}

/** Runs a Node program with our output and no input; resolves to its exit code (null: ended by us). */
function node(args, limit, extra = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...extra },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    children.add(child);
    const timer = setTimeout(() => {
      console.error(`Stopped: no end within ${limit / minute} minutes.`);
      child.kill('SIGKILL');
    }, limit);
    child.on('error', (error) => finish(error.message));
    child.on('exit', (code) => finish(code));
    function finish(code) {
      clearTimeout(timer);
      children.delete(child);
      resolve(code);
    }
  });
}
