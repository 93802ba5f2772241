/**
 * What this machine offers the tests and the command line: a browser, and a software Vulkan driver
 * (SwiftShader, which Chromium and Chrome carry beside their binary) for where there is no GPU.
 *
 * Plain Node without dependencies: this runs before `npm ci`. Only looks files up, so it is quick;
 * `setup.mjs` is what installs.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { constants, homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const cacheFolder = join(root, 'node_modules', '.cache', 'rlvr');
const environmentFile = join(cacheFolder, 'environment.json');

const { platform, env } = process;

/** What the last set-up found, less what has gone since. */
export function readEnvironment() {
  const found = { browser: null, vulkanIcd: null, vulkanLoader: null, adapter: null };
  try {
    const stored = JSON.parse(readFileSync(environmentFile, 'utf8'));
    for (const key of ['browser', 'vulkanIcd', 'vulkanLoader']) {
      if (typeof stored[key] === 'string' && existsSync(stored[key])) found[key] = stored[key];
      else if (stored[key] !== null) return found; // something went away: look again for all of it
    }
    if (typeof stored.adapter === 'string') found.adapter = stored.adapter;
  } catch {
    // No set-up yet, or a torn file: the same as nothing found.
  }
  return found;
}

export function writeEnvironment(environment) {
  mkdirSync(cacheFolder, { recursive: true });
  const temporary = `${environmentFile}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(environment, null, 2)}\n`);
  renameSync(temporary, environmentFile);
}

/** Browsers worth trying, best first: Playwright's own (it is the pinned one), then the machine's. */
export function browserCandidates() {
  const candidates = [...playwrightChromiums(), ...onPath(), ...wellKnown()];
  return [...new Set(candidates)].filter((path) => existsSync(path));
}

function playwrightFolder() {
  if (env.PLAYWRIGHT_BROWSERS_PATH && env.PLAYWRIGHT_BROWSERS_PATH !== '0') {
    return env.PLAYWRIGHT_BROWSERS_PATH;
  }
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? homedir(), 'ms-playwright');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'ms-playwright');
  return join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ms-playwright');
}

function playwrightChromiums() {
  const folder = playwrightFolder();
  const revision = (name) => Number(name.slice('chromium-'.length));
  const builds = list(folder)
    .filter((name) => /^chromium-\d+$/.test(name))
    .sort((a, b) => revision(b) - revision(a));
  return builds.flatMap((build) =>
    list(join(folder, build)).flatMap((name) => {
      const inside = join(folder, build, name);
      if (name.startsWith('chrome-linux')) return [join(inside, 'chrome')];
      if (name.startsWith('chrome-win')) return [join(inside, 'chrome.exe')];
      if (name.startsWith('chrome-mac')) return macApps(inside);
      return [];
    }),
  );
}

function macApps(folder) {
  return list(folder)
    .filter((name) => name.endsWith('.app'))
    .map((name) => join(folder, name, 'Contents', 'MacOS', name.slice(0, -'.app'.length)));
}

function onPath() {
  if (platform === 'win32') return [];
  const names = [
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    'microsoft-edge',
    'microsoft-edge-stable',
  ];
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

function wellKnown() {
  if (platform === 'darwin') {
    return [join('/', 'Applications'), join(homedir(), 'Applications')].flatMap((folder) =>
      ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((name) =>
        join(folder, `${name}.app`, 'Contents', 'MacOS', name),
      ),
    );
  }
  if (platform === 'win32') {
    const folders = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter(Boolean);
    return folders.flatMap((folder) => [
      join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
      join(folder, 'Chromium', 'Application', 'chrome.exe'),
      join(folder, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
    ]);
  }
  return [
    '/usr/lib/chromium/chromium',
    '/usr/lib/chromium-browser/chromium-browser',
    '/opt/google/chrome/chrome',
    '/opt/microsoft/msedge/msedge',
    '/snap/bin/chromium',
  ];
}

/** The manifest of a SwiftShader Vulkan driver, or null. Linux only: elsewhere Dawn needs no help. */
export function findVulkanIcd(browser = null) {
  if (platform !== 'linux') return null;
  const beside = browser === null ? [] : [dirname(resolved(browser))];
  const folders = [
    ...beside,
    '/usr/lib/chromium',
    '/usr/lib64/chromium',
    '/usr/lib/chromium-browser',
    '/usr/lib64/chromium-browser',
    ...playwrightChromiums().map((path) => dirname(path)),
    '/opt/google/chrome',
    '/opt/microsoft/msedge',
    '/snap/chromium/current/usr/lib/chromium-browser',
  ];
  const usable = (folder) =>
    existsSync(join(folder, 'vk_swiftshader_icd.json')) &&
    existsSync(join(folder, 'libvk_swiftshader.so'));
  const folder = folders.find(usable);
  return folder === undefined ? null : join(folder, 'vk_swiftshader_icd.json');
}

/** The Vulkan loader beside the driver, where the system has none of its own; else null. */
export function findVulkanLoader(icd) {
  if (platform !== 'linux' || icd === null) return null;
  const triple = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch] ?? '';
  const system = [
    `/usr/lib/${triple}`,
    `/lib/${triple}`,
    '/usr/lib64',
    '/lib64',
    '/usr/lib',
    '/usr/local/lib',
  ];
  const given = (env.LD_LIBRARY_PATH ?? '').split(delimiter).filter(Boolean);
  if ([...given, ...system].some((folder) => existsSync(join(folder, 'libvulkan.so.1'))))
    return null;
  const beside = join(dirname(icd), 'libvulkan.so.1');
  return existsSync(beside) ? beside : null;
}

/**
 * Readies this process for Dawn; call before `webgpu` is imported. Returns the software driver to fall
 * back on, or null. Where the machine shows no graphics device at all, the software driver is chosen
 * here and now: asking every installed driver first costs half a second and prints its complaints.
 * A VK_ICD_FILENAMES or VK_DRIVER_FILES of the user's always wins.
 */
export function prepareVulkan() {
  if (platform !== 'linux') return null;
  const stored = readEnvironment();
  const icd = stored.vulkanIcd ?? findVulkanIcd(stored.browser);
  const loader = stored.vulkanLoader ?? findVulkanLoader(icd);
  if (loader !== null) keepLibrary(loader);
  if (!env.XDG_RUNTIME_DIR) env.NODEVICE_SELECT ??= '1'; // Mesa's layer complains without a session.
  const chosen = env.VK_ICD_FILENAMES || env.VK_DRIVER_FILES;
  if (icd !== null && !chosen && !hasGraphicsDevice()) env.VK_ICD_FILENAMES = icd;
  return icd;
}

function hasGraphicsDevice() {
  const nodes = ['/dev/dri', '/dev/nvidiactl', '/dev/nvidia0', '/dev/dxg', '/dev/kfd'];
  return nodes.some((path) => existsSync(path));
}

/**
 * Loads a shared library for good. Dawn opens `libvulkan.so.1` by name, and a library of that name
 * already in the process is the one it gets; Node then complains that this is no addon, rightly.
 */
function keepLibrary(path) {
  const RTLD_NODELETE = 0x1000;
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
    // Expected; a library that really failed to load shows as "no adapter" with its own sentence.
  }
}

function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function resolved(path) {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
