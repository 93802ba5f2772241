/** Bundles the benchmark for Node and for the browser: Vite resolves the `*.wgsl?raw` imports of the engine. */
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';
import { cacheFolder } from '../tools/environment.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));
const peers = ['@jax-js/jax', '@tensorflow/tfjs', '@tensorflow/tfjs-backend-webgpu'];

/** The file to import in Node. It lies where Node looks for the peers' packages first, and then for ours. */
export async function buildForNode() {
  const outDir = join(root, 'node_modules', '.cache', 'bench');
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true, external: ['webgpu', ...peers] },
    build: {
      ssr: join(root, 'node.ts'),
      outDir,
      emptyOutDir: true,
      minify: false,
      target: 'node20',
      rollupOptions: {
        external: ['webgpu', ...peers, /^node:/, ...builtinModules],
        output: { format: 'es', entryFileNames: 'node.mjs' },
      },
    },
  });
  return join(outDir, 'node.mjs');
}

/** Builds the page and serves it; returns its address and how to stop. */
export async function servePage() {
  const outDir = join(cacheFolder, `bench-page-${process.pid}`);
  const settings = { root, configFile: false, logLevel: 'error', base: './', publicDir: false };
  await build({
    ...settings,
    build: { outDir, emptyOutDir: true, target: 'esnext', chunkSizeWarningLimit: 100_000 },
  });
  const server = await preview({
    ...settings,
    build: { outDir },
    preview: { port: 0, host: '127.0.0.1', open: false },
  });
  const { port } = server.httpServer.address();
  return { url: `http://127.0.0.1:${port}/`, outDir, close: () => server.close() };
}
