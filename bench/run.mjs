/**
 * `npm run bench`: measures this engine against other libraries on this machine, and how its cost grows. Every case runs in
 * a process, or a browser, of its own; inside it the libraries take turns on one adapter. Results go to bench/results.
 */
import { fork, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { prepareVulkan, readEnvironment } from '../tools/environment.mjs';
import { buildForNode, servePage } from './build.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const help = `npm run bench -- [--node] [--browser] [--rounds N] [--only CASE,...] [--quick] [--name NAME] [--list]

  --node, --browser  one place only (default: both)
  --rounds N         rounds of every case (default 7)
  --only CASE,...    these cases; the results of others stay as they are. step-*, scale-* and soak are measured only so
  --quick            two rounds, small sizes: shows that everything works, not how fast
  --name NAME        results go to bench/results/NAME-node.json and NAME-chromium.json (default: node.json, chromium.json)
  --list             the names of all cases
`;

const { values: options } = parseArgs({
  options: {
    ...{ node: { type: 'boolean' }, browser: { type: 'boolean' }, quick: { type: 'boolean' } },
    ...{ list: { type: 'boolean' }, help: { type: 'boolean' } },
    ...{ rounds: { type: 'string', default: '7' }, only: { type: 'string' } },
    name: { type: 'string' },
  },
});
if (options.help) {
  process.stdout.write(help);
  process.exit(0);
}
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  stop(`--rounds wants a whole number from 1, not ${options.rounds}.`);
if (options.name !== undefined && !/^[\w-]+$/.test(options.name))
  stop('--name wants letters, digits, - and _.');

const versions = installPeers();
prepareVulkan();
const bundle = await buildForNode();
const { all, usual, fresh } = (await import(pathToFileURL(bundle).href)).caseNames();
if (options.list) {
  process.stdout.write(`${all.join('\n')}\n`);
  process.exit(0);
}
const chosen = options.only?.split(',') ?? usual;
const unknown = chosen.find((name) => !all.includes(name));
if (unknown !== undefined) stop(`no case is called ${unknown}; there are ${all.join(', ')}.`);

const both = !options.node && !options.browser;
const failures = [];
if (options.node || both) await measureAll('node', await nodePlace());
if (options.browser || both) await measureAll('chromium', await browserPlace());
for (const failure of failures) say(failure);
process.exit(failures.length > 0 ? 1 : 0);

/** Measures the chosen cases in one place; what is done is written after every case. */
async function measureAll(placeName, place) {
  const parts = [options.name, placeName].filter((part) => part !== undefined);
  const file = join(here, 'results', `${parts.join('-')}${options.quick ? '.quick' : ''}.json`);
  try {
    for (const name of chosen) {
      say(`${placeName} ${name} ...`);
      try {
        const { adapter, result } = await measureCase(place, name);
        record(file, { ...place.facts, adapter, ...machine() }, name, result);
        say(`${placeName} ${name}: ${inWords(result)}`);
      } catch (error) {
        failures.push(`${placeName} ${name} FAILED: ${error.message}`);
        say(failures.at(-1));
      }
    }
  } finally {
    await place.close();
  }
}

async function measureCase(place, name) {
  const turns = fresh.includes(name) ? (options.quick ? Math.min(2, rounds) : rounds) : 1;
  let answer;
  for (let turn = 0; turn < turns; turn++) {
    const before = answer?.result ?? null;
    answer = await place.measure({ name, rounds, quick: options.quick ?? false, turn, before });
    if (answer.error !== undefined) throw new Error(answer.error);
  }
  return answer;
}

function nodePlace() {
  const webgpu = readJson(join(here, '..', 'node_modules', 'webgpu', 'package.json')).version;
  return {
    facts: { place: `Node ${process.version.slice(1)}, Dawn of webgpu ${webgpu}` },
    measure: (request) =>
      new Promise((resolve, reject) => {
        const child = fork(join(here, 'node_child.mjs'), {
          execArgv: ['--expose-gc'], // soak asks what is in use
          stdio: ['ignore', 2, 2, 'ipc'],
          serialization: 'advanced',
        });
        child.once('message', resolve);
        child.once('error', reject);
        child.once('exit', (code, signal) => reject(new Error(`it ended with ${signal ?? code}`)));
        child.send({ bundle, request });
      }),
    close: () => undefined,
  };
}

async function browserPlace() {
  const { chromium } = await import('@playwright/test');
  const { browser: executablePath } = readEnvironment();
  if (executablePath === null) stop('no browser is known: run `npm run setup`.');
  const page = await servePage();
  const asRoot = process.getuid?.() === 0;
  const launch = () =>
    chromium.launch({
      executablePath,
      args: ['--enable-unsafe-webgpu', ...(asRoot ? ['--no-sandbox'] : [])],
    });
  const first = await launch();
  const version = first.version();
  await first.close();
  return {
    facts: { place: `Chromium ${version}` },
    async measure(request) {
      const browser = await launch();
      try {
        const tab = await browser.newPage();
        tab.on('console', (line) => line.type() === 'error' && say(`page: ${line.text()}`));
        tab.on('pageerror', (error) => say(`page: ${error.message}`));
        await tab.goto(page.url);
        await tab.waitForFunction(() => 'measureHere' in globalThis);
        return await tab.evaluate((given) => globalThis.measureHere(given), request);
      } finally {
        await browser.close();
      }
    },
    async close() {
      await page.close();
      rmSync(page.outDir, { recursive: true, force: true });
    },
  };
}

/** Installs what bench/package.json pins, unless it is there; returns the versions. */
function installPeers() {
  const { dependencies } = readJson(join(here, 'package.json'));
  const installed = (name) => {
    const file = join(here, 'node_modules', name, 'package.json');
    return existsSync(file) ? readJson(file).version : null;
  };
  if (Object.entries(dependencies).some(([name, version]) => installed(name) !== version)) {
    say('installing the libraries to compare with (npm ci in bench) ...');
    const npm = process.env.npm_execpath;
    const [file, ...first] = npm?.endsWith('js') ? [process.execPath, npm] : ['npm'];
    const args = [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'];
    const { status } = spawnSync(file, args, { cwd: here, stdio: ['ignore', 2, 2] });
    if (status !== 0) stop('that did not work: run `npm ci --ignore-scripts` in bench/ yourself.');
  }
  return dependencies;
}

function machine() {
  const [processor] = cpus();
  return { processor: processor?.model ?? 'unknown', cores: cpus().length, peers: versions };
}

/** Puts a result into its file. What another machine measured does not stay beside it. */
function record(file, facts, name, result) {
  const old = existsSync(file) ? readJson(file) : null;
  const same = JSON.stringify(old?.machine) === JSON.stringify(facts);
  const results = { ...(same ? old.results : {}), [name]: result };
  const ordered = Object.fromEntries(all.filter((n) => n in results).map((n) => [n, results[n]]));
  mkdirSync(join(here, 'results'), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ machine: facts, results: ordered }, null, 2)}\n`);
}

function inWords(result) {
  if ('points' in result) {
    const [generation, update] = [result.generation, result.update].map(({ all: fit }) =>
      fit?.exponent.toFixed(2),
    );
    return `generation grows with exponent ${generation}, update with ${update}`;
  }
  if ('kernels' in result) {
    const ms = result.kernels.reduce((sum, kernel) => sum + kernel.ms, 0);
    return `${ms.toFixed(0)} ms in ${result.kernels.length} kernels`;
  }
  if ('steps' in result) {
    return `a step takes ${result.first_ms.toFixed(1)} ms at first and ${result.last_ms.toFixed(1)} ms at last`;
  }
  if ('parameters' in result) {
    const { generation_ms, update_ms, bytes } = result;
    return `generation ${generation_ms.toFixed(0)} ms, update ${update_ms.toFixed(0)} ms, ${(bytes / 2 ** 20).toFixed(0)} MiB`;
  }
  return Object.entries(result.ratios)
    .map(
      ([name, { median, lowest, highest }]) =>
        `${name} takes ${median.toFixed(2)} times as long (${lowest.toFixed(2)} to ${highest.toFixed(2)})`,
    )
    .join(', ');
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function say(message) {
  process.stderr.write(`${message}\n`);
}

function stop(message) {
  say(message);
  process.exit(1);
}
