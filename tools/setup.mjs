/**
 * Makes a fresh clone ready. `node tools/setup.mjs` installs the packages when they are not the
 * lockfile's; with `--browser` it also finds (or installs) a Chromium-like browser and makes sure
 * that Dawn gets an adapter, and notes both in node_modules/.cache/rlvr/environment.json.
 * Does nothing, quickly, when there is nothing to do. Plain Node: it runs before `npm ci`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  browserCandidates,
  findVulkanIcd,
  findVulkanLoader,
  readEnvironment,
  root,
  writeEnvironment,
} from './environment.mjs';

const { platform, env } = process;
const minute = 60_000;

/** A failure whose message is all that the user needs. */
export class SetupError extends Error {}

/** `npm ci` unless node_modules already is what the lockfile says. All output goes to stderr. */
export async function ensurePackages() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(`Node ${process.versions.node} is too old: install Node 20.19 or newer.`);
  }
  if (packagesMatch()) return;
  await alone(async () => {
    if (packagesMatch()) return;
    say('installing the packages (npm ci) ...');
    const code = await execute(npm('ci'), { limit: 15 * minute });
    if (code !== 0) {
      throw new SetupError(
        `npm ci failed (${code}): see its message above; without a network the packages cannot be fetched.`,
      );
    }
  });
}

/** Compares what npm noted it installed with the lockfile: contents, not dates, which git rewrites. */
function packagesMatch() {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages;
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (!wanted)
    throw new SetupError('package-lock.json is missing or damaged: restore it from git.');
  if (!installed) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const here = installed[path];
    if (here === undefined) return entry.optional === true; // another platform's binary
    return here.version === entry.version && here.integrity === entry.integrity;
  });
}

/** Finds or installs the browser and the adapter. Returns the environment it wrote. */
export async function ensureBrowser() {
  const stored = readEnvironment();
  const requested = env.RLVR_BROWSER;
  if (stored.browser !== null && stored.adapter !== null && !requested) return stored;

  let browser = findBrowser(requested);
  if (browser === null) {
    await installBrowser();
    browser = findBrowser();
    if (browser === null) throw new SetupError(noBrowser());
  }
  let environment = await settle(browser);
  if (environment.adapter === null && canAptGet()) {
    // The browser that is here brings no SwiftShader, or there is no Vulkan loader: Debian's has both.
    await aptInstall(['chromium', 'libvulkan1']);
    environment = await settle(browser);
  }
  if (environment.adapter === null) throw new SetupError(noAdapter(browser));
  say(`browser ${browser}; tests compute on ${environment.adapter}`);
  return environment;
}

async function settle(browser) {
  const vulkanIcd = findVulkanIcd(browser);
  const found = { browser, vulkanIcd, vulkanLoader: findVulkanLoader(vulkanIcd), adapter: null };
  writeEnvironment(found);
  const probe = spawnSync(process.execPath, [join(root, 'tools', 'probe.mjs')], {
    encoding: 'utf8',
    timeout: minute,
  });
  const adapter = parse(probe.stdout?.trim() ?? '');
  if (adapter) {
    found.adapter = adapter.name;
    writeEnvironment(found);
  } else if (probe.status !== 0) {
    say(
      `Dawn did not start: ${probe.stderr?.trim() || probe.error?.message || `exit ${probe.status}`}`,
    );
  }
  return found;
}

function findBrowser(requested) {
  if (requested) {
    if (works(requested)) return requested;
    throw new SetupError(`RLVR_BROWSER names ${requested}, which is no browser that starts.`);
  }
  return browserCandidates().find(works) ?? null;
}

/** Ubuntu's `chromium-browser` is a stub that only says to install a snap, so ask for the version. */
function works(path) {
  if (!existsSync(path)) return false;
  if (platform === 'win32') return true; // `chrome.exe --version` opens a window there
  const answer = spawnSync(path, ['--version'], {
    encoding: 'utf8',
    timeout: 20_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return answer.status === 0 && /\d+\.\d+\.\d+\.\d+/.test(answer.stdout);
}

async function installBrowser() {
  const asRoot = isRoot();
  if (await reachable('https://cdn.playwright.dev')) {
    say('no Chrome, Chromium or Edge found: installing Chromium (npx playwright install) ...');
    const extra = platform === 'linux' && asRoot ? ['--with-deps'] : [];
    const playwright = join(root, 'node_modules', '@playwright', 'test', 'cli.js');
    const command = [process.execPath, playwright, 'install', ...extra, '--no-shell', 'chromium'];
    const limits = { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '15000' };
    const code = await execute(command, { limit: 5 * minute, env: limits });
    if (code === 0 && findBrowser() !== null) return;
    say(`that did not work (${code})`);
  }
  if (canAptGet()) await aptInstall(['chromium', 'libvulkan1']);
}

function canAptGet() {
  return platform === 'linux' && isRoot() && existsSync('/usr/bin/apt-get');
}

async function aptInstall(packages) {
  say(`installing ${packages.join(' and ')} (apt-get) ...`);
  const quiet = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages];
  await execute(['apt-get', 'update', '-q'], { limit: 3 * minute, env: quiet });
  const code = await execute(install, { limit: 10 * minute, env: quiet });
  if (code !== 0) say(`apt-get failed (${code})`);
}

/** Playwright's downloader waits very long without a network, so ask first (a proxy: just try). */
async function reachable(url) {
  const proxied = ['HTTPS_PROXY', 'https_proxy', 'PLAYWRIGHT_DOWNLOAD_HOST'].some(
    (name) => env[name],
  );
  if (proxied) return true;
  try {
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(8_000) });
    return true;
  } catch {
    return false;
  }
}

function noBrowser() {
  return (
    'No Chrome, Chromium or Edge was found and none could be installed: install one ' +
    '(on Debian: apt-get install chromium libvulkan1), or name one in RLVR_BROWSER.'
  );
}

function noAdapter(browser) {
  return (
    `No GPU adapter: Dawn found no GPU driver here, and there is no working SwiftShader beside ${browser}; ` +
    'install a Vulkan driver, or Chromium (on Debian: apt-get install chromium libvulkan1), or point VK_ICD_FILENAMES at a driver.'
  );
}

/** Runs `work` while no other set-up of this checkout does: two `npm ci` at once destroy each other. */
async function alone(work) {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const lock = join(tmpdir(), `rlvr-setup-${name}.lock`);
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      if (ownerGone(lock)) rmSync(lock, { recursive: true, force: true });
      else await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  try {
    writeFileSync(join(lock, 'pid'), String(process.pid));
    await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function ownerGone(lock) {
  try {
    process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    if (error.code === 'EPERM') return false;
    if (error.code === 'ESRCH') return true;
    try {
      return Date.now() - statSync(lock).mtimeMs > 5_000; // its owner died before it wrote its number
    } catch {
      return false; // just given up: take it in the next round
    }
  }
}

/** Runs a command with its output on our stderr; resolves to its exit code, or says why it has none. */
function execute([file, ...args], { limit, env: extra = {} }) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: root,
      env: { ...env, ...extra },
      stdio: ['ignore', 2, 2],
      detached: platform !== 'win32', // its own group, so that the limit ends its children too
    });
    const stop = (signal) => {
      try {
        process.kill(platform === 'win32' ? child.pid : -child.pid, signal);
      } catch {
        // already gone
      }
    };
    const timer = setTimeout(() => {
      stop('SIGKILL');
      resolve(`no answer within ${limit / minute} minutes`);
    }, limit);
    const interrupt = () => {
      stop('SIGTERM');
      process.exit(130);
    };
    process.once('SIGINT', interrupt);
    child.on('error', (error) => finish(error.message));
    child.on('exit', (code, signal) => finish(code ?? signal));
    function finish(result) {
      clearTimeout(timer);
      process.off('SIGINT', interrupt);
      resolve(result);
    }
  });
}

/** npm by the file that runs us where there is one: on Windows `npm` is a script that spawn refuses. */
function npm(...args) {
  const file = env.npm_execpath;
  if (file && /npm-cli\.c?js$/.test(file)) return [process.execPath, file, ...args];
  if (platform === 'win32') return ['cmd.exe', '/d', '/s', '/c', 'npm', ...args];
  return ['npm', ...args];
}

function isRoot() {
  return process.getuid?.() === 0;
}

function readJson(path) {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function say(message) {
  process.stderr.write(`set-up: ${message}\n`);
}

if (
  process.argv[1] &&
  realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))
) {
  const options = process.argv.slice(2);
  try {
    const unknown = options.find((option) => option !== '--browser');
    if (unknown !== undefined)
      throw new SetupError(`unknown option ${unknown}; only --browser is known.`);
    await ensurePackages();
    if (options.includes('--browser')) await ensureBrowser();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
