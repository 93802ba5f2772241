/**
 * `node tools/site.mjs PORT`: builds the page as it ships and serves it, for Playwright. The build lies
 * in a folder of this port's, so that two runs in one checkout do not disturb each other or dist/.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, preview } from 'vite';
import { cacheFolder, root } from './environment.mjs';

const port = Number(process.argv[2]);
const outDir = join(cacheFolder, `site-${port}`);
process.on('exit', () => rmSync(outDir, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));

await build({ root, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
await preview({
  root,
  logLevel: 'warn',
  build: { outDir },
  preview: { port, strictPort: true, host: '127.0.0.1', open: false },
});
console.log(`http://127.0.0.1:${port}/`);
