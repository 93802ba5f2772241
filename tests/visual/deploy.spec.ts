import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

/** The site as GitHub Pages serves it: under a path, and nothing beside it. */
const BASE = '/rlvr/';

let server: Server;
let address = '';
let missing: string[] = [];

test.beforeEach(async ({ baseURL }) => {
  missing = [];
  server = createServer((request, response) => {
    const path = request.url ?? '';
    if (!path.startsWith(BASE)) {
      missing.push(path);
      response.writeHead(404).end();
      return;
    }
    void fetch(new URL(path.slice(BASE.length), baseURL)).then(async (file) => {
      const type = file.headers.get('content-type') ?? 'application/octet-stream';
      // A single-page server answers what is not there with the page itself.
      const isPage = type.startsWith('text/html');
      if (!file.ok || (isPage && !/^\/rlvr\/(\?|$)/.test(path))) missing.push(path);
      response.writeHead(file.status, { 'content-type': type });
      response.end(new Uint8Array(await file.arrayBuffer()));
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}${BASE}`;
});

test.afterEach(async () => {
  await new Promise((closed) => server.close(closed));
});

test('under a path, everything that the page asks for is there', async ({ page }) => {
  await replay(page, record({ steps: 24 }));
  await page.goto(address);
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
  await page.getByRole('combobox', { name: 'Experiment' }).selectOption('Who drives');
  await expect(page.getByRole('status')).toHaveText('step 0 of 24');
  await page.getByRole('button', { name: 'Kernels', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'policy_loss.wgsl' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible();
  expect(missing).toEqual([]);
});

test('under a path, the real worker finds the base policy', async ({ page }) => {
  const policy = page.waitForResponse((response) => response.url().endsWith('.safetensors'));
  await page.goto(address);
  const response = await policy;
  expect(new URL(response.url()).pathname).toMatch(/^\/rlvr\/policies\/[\w-]+\.safetensors$/);
  expect(response.status()).toBe(200);
  expect(missing).toEqual([]);
});
