import { execFileSync } from 'node:child_process';
import { defineConfig } from '@playwright/test';
import { readEnvironment } from './tools/environment.mjs';

const minute = 60_000;
const { browser } = readEnvironment();
if (browser === null) {
  throw new Error('No browser is known: run `npm run setup`, which finds or installs one.');
}

/** A free port, asked for once: Playwright's workers load this file too and must get the same answer. */
process.env['RLVR_SITE_PORT'] ??= execFileSync(process.execPath, [
  '-e',
  'const s = require("net").createServer().listen(0, "127.0.0.1", () => { process.stdout.write(String(s.address().port)); s.close(); })',
]).toString();
const port = Number(process.env['RLVR_SITE_PORT']);

const inContainer = process.getuid?.() === 0;

export default defineConfig({
  projects: [
    { name: 'e2e', testDir: 'tests/e2e' },
    { name: 'visual', testDir: 'tests/visual' },
    // The pictures of the documentation; `npm run picture` takes them again.
    {
      name: 'pictures',
      testDir: 'tests/pictures',
      snapshotPathTemplate: 'docs/pictures/{arg}{ext}',
    },
    { name: 'bench', testDir: 'bench', testMatch: 'page.bench.ts' }, // by hand: npm run bench:page
  ],
  outputDir: 'test-results',
  snapshotPathTemplate: '{testDir}/__screenshots__/{testFileName}/{arg}{ext}',
  forbidOnly: true,
  // On a machine that others use, too, a wait may be too short; what needs its second try is named at the end.
  retries: process.env['CI'] ? 1 : 0,
  workers: 1, // the page computes on every core
  reporter: [['list']],
  // SwiftShader compiles and trains on the CPU: what takes a second on a GPU may take a minute there.
  timeout: 4 * minute,
  globalTimeout: 25 * minute,
  expect: {
    timeout: 30_000,
    toHaveScreenshot: { maxDiffPixelRatio: 0.01, animations: 'disabled', caret: 'hide' },
  },
  use: {
    baseURL: `http://127.0.0.1:${port}/`,
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 1,
    locale: 'en-US',
    timezoneId: 'UTC',
    // They would answer before page.route does; the tests of working offline allow them.
    serviceWorkers: 'block',
    // A trace of every test takes its time; `--trace on` records one where it is wanted.
    trace: 'off',
    screenshot: 'only-on-failure',
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      executablePath: browser,
      args: [
        '--enable-unsafe-webgpu', // WebGPU on SwiftShader, where there is no GPU
        ...(inContainer ? ['--no-sandbox'] : []), // Chromium's sandbox refuses root
        '--font-render-hinting=none',
        '--disable-lcd-text',
      ],
    },
  },
  webServer: {
    command: `node tools/site.mjs ${port}`,
    url: `http://127.0.0.1:${port}/`,
    timeout: 3 * minute,
    reuseExistingServer: false,
    stdout: 'ignore',
    stderr: 'pipe',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 5_000 },
  },
});
