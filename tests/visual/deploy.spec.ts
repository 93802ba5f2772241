import { expect, test } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';
import { serveUnderPath, type Site } from './under_path';

let site: Site;

test.beforeEach(async ({ baseURL }) => {
  site = await serveUnderPath(baseURL ?? '');
});

test.afterEach(() => site.close());

test('under a path, everything that the page asks for is there', async ({ page }) => {
  await replay(page, record({ steps: 24 }));
  await page.goto(site.address);
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
  await page.getByRole('combobox', { name: 'Experiment' }).selectOption('Who drives');
  await expect(page.getByRole('status')).toHaveText('step 0 of 24');
  await page.getByRole('button', { name: 'Kernels', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'policy_loss.wgsl' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible();
  expect(site.missing).toEqual([]);
});

test('under a path, the real worker finds the base policy', async ({ page }) => {
  const policy = page.waitForResponse((response) => response.url().endsWith('.safetensors'));
  await page.goto(site.address);
  const response = await policy;
  expect(new URL(response.url()).pathname).toMatch(/^\/rlvr\/policies\/[\w-]+\.safetensors$/);
  expect(response.status()).toBe(200);
  expect(site.missing).toEqual([]);
});
