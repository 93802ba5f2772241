/**
 * `node tools/second_compiler.mjs [DENO]`: the kernels under a second, independent implementation of WebGPU. Browsers by Google,
 * and the package `webgpu` that our tests use, compile WGSL by Dawn's tint; Firefox and Deno do by wgpu's naga, which takes no
 * extension of tint's. DENO is its executable, by default the one on the path (`npm install deno` anywhere brings one).
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { cacheFolder, readEnvironment, root } from './environment.mjs';

const deno = process.argv[2] ?? 'deno';
const { status } = spawnSync(deno, ['--version'], { stdio: 'inherit' });
if (status !== 0) {
  console.error(`There is no Deno as ${deno}: name its executable.`);
  process.exit(1);
}

const result = await build({
  ...{ root, configFile: false, logLevel: 'warn', publicDir: false, ssr: { noExternal: true } },
  build: {
    ...{ ssr: join(root, 'tools', 'second_compiler.ts'), write: false, minify: false },
    rollupOptions: { output: { format: 'es', codeSplitting: false } },
  },
});
mkdirSync(cacheFolder, { recursive: true });
const file = join(cacheFolder, `second_compiler-${process.pid}.mjs`);
writeFileSync(file, result.output[0].code);
process.on('exit', () => rmSync(file, { force: true }));

const icd = readEnvironment().vulkanIcd;
const drivers = icd === null ? {} : { VK_ICD_FILENAMES: icd };
const run = spawnSync(deno, ['run', '--unstable-webgpu', '--no-config', '--no-lock', file], {
  stdio: 'inherit',
  env: { ...drivers, ...process.env },
});
process.exit(run.status ?? 1);
