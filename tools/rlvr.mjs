/**
 * `npm run -s rlvr -- COMMAND`: the engine in Node. Bundles src/cli/main.ts once per state of the
 * sources (Vite resolves the `*.wgsl?raw` imports), then runs it in this process.
 *
 * Sets for src/cli: RLVR_ROOT, the checkout (where public/ lies), and RLVR_SOFTWARE_ICD, a software
 * Vulkan driver to set as VK_ICD_FILENAMES when the default has no adapter.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { cacheFolder, prepareVulkan, root } from './environment.mjs';
import { SetupError, ensurePackages } from './setup.mjs';

const bundlesKept = 8;

try {
  await ensurePackages();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

// npm runs scripts in the root; the paths on the command line are the user's, from where they stand.
if (process.env.npm_lifecycle_event === 'rlvr' && process.env.INIT_CWD)
  process.chdir(process.env.INIT_CWD);

process.env.RLVR_ROOT = root;
const icd = prepareVulkan();
if (icd !== null) process.env.RLVR_SOFTWARE_ICD ??= icd;

const bundle = await currentBundle();
process.argv[1] = bundle;
await import(pathToFileURL(bundle).href);

async function currentBundle() {
  for (;;) {
    const before = fingerprint();
    const file = join(cacheFolder, `rlvr-${before}.mjs`);
    if (existsSync(file)) {
      const now = new Date();
      utimesSync(file, now, now); // in use: pruned last
      return file;
    }
    const code = await build();
    if (fingerprint() !== before) continue; // edited while we built: what we have is of no one state
    mkdirSync(cacheFolder, { recursive: true });
    const temporary = join(cacheFolder, `rlvr-${before}.${process.pid}.tmp`);
    writeFileSync(temporary, code);
    renameSync(temporary, file);
    prune();
    return file;
  }
}

/** Names, sizes and dates of everything the bundle is made of. */
function fingerprint() {
  const hash = createHash('sha256');
  const add = (path) => {
    const facts = statSync(path, { throwIfNoEntry: false }); // an editor's scratch file may be gone
    if (facts) hash.update(`${path}\0${facts.size}\0${facts.mtimeMs}\n`);
  };
  const walk = (folder) => {
    const entries = readdirSync(folder, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else add(path);
    }
  };
  walk(join(root, 'src'));
  add(join(root, 'package-lock.json'));
  add(join(root, 'tools', 'rlvr.mjs'));
  return hash.digest('hex').slice(0, 16);
}

async function build() {
  const { build: viteBuild } = await import('vite');
  try {
    const result = await viteBuild({
      root,
      configFile: false,
      logLevel: 'silent',
      publicDir: false,
      ssr: { noExternal: true, external: ['webgpu'] },
      build: {
        ssr: join(root, 'src', 'cli', 'main.ts'),
        write: false,
        minify: false,
        target: 'node20',
        rollupOptions: {
          external: ['webgpu', /^node:/, ...builtinModules],
          output: { format: 'es', codeSplitting: false },
        },
      },
    });
    const chunks = [result].flat().flatMap(({ output }) => output);
    const entry = chunks.find((chunk) => chunk.type === 'chunk' && chunk.isEntry);
    const others = chunks.filter((chunk) => chunk.type === 'chunk' && chunk !== entry);
    if (others.length > 0)
      throw new Error(`the bundle fell into parts: ${others.map((c) => c.fileName)}`);
    return entry.code;
  } catch (error) {
    const message = process.stderr.isTTY ? error.message : stripVTControlCharacters(error.message);
    process.stderr.write(`The sources do not build: ${message}\n`);
    process.exit(1);
  }
}

/** Old bundles go, a few stay: someone may be working on two branches. */
function prune() {
  const bundles = readdirSync(cacheFolder)
    .filter((name) => /^rlvr-.*\.(mjs|tmp)$/.test(name))
    .flatMap((name) => {
      try {
        return [{ name, used: statSync(join(cacheFolder, name)).mtimeMs }];
      } catch {
        return []; // another process pruned it
      }
    })
    .sort((a, b) => b.used - a.used);
  for (const { name } of bundles.slice(bundlesKept))
    rmSync(join(cacheFolder, name), { force: true });
}
