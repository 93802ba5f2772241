import { expect, test, type Page } from '@playwright/test';
import { serveUnderPath, type Site } from './under_path';

test.use({ serviceWorkers: 'allow' });

const KEPT = 'This browser has kept the page: it opens without a network too.';

let site: Site;

test.beforeEach(async ({ baseURL }) => {
  site = await serveUnderPath(baseURL ?? '');
});

test.afterEach(() => site.close());

/** Pages without a GPU, so that nothing is computed here: keeping and loading need none. */
async function open(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, 'gpu');
  });
  await page.goto(site.address);
  await expect(page.getByText(KEPT)).toBeVisible();
}

test('once it has been opened, the page opens without a network, with lessons and recorded runs', async ({
  page,
}) => {
  await open(page);
  await site.close();
  await page.goto(`${site.address}?lesson=entropy-collapse`);
  await expect(page.getByRole('complementary', { name: 'Lessons' })).toBeVisible();
  await page.goto(site.address);
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).not.toHaveText(/^step 0 of/);
  await page.getByRole('button', { name: 'Kernels', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'policy_loss.wgsl' })).toBeVisible();
});

test('the base policies, the experiments and the recorded runs are all kept', async ({
  page,
  request,
}) => {
  await open(page);
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
  });
  const index = await request.get('experiments/index.json');
  const catalogue = (await index.json()) as readonly unknown[];
  const inFolder = (folder: string) => kept.filter((path) => path.includes(`/${folder}/`));
  expect(inFolder('experiments').length).toBeGreaterThanOrEqual(catalogue.length);
  expect(inFolder('policies').some((path) => path.endsWith('.safetensors'))).toBe(true);
  expect(inFolder('runs').some((path) => path.endsWith('default.json'))).toBe(true);
  expect(kept.every((path) => path.startsWith('/rlvr/'))).toBe(true);
});

test('a newer version waits until no tab shows the older one', async ({ page, context }) => {
  await open(page);
  await page.reload(); // the page is under the care of the first version from its second visit on
  await expect(page.getByText(KEPT)).toBeVisible();
  site.change('service_worker.js', (text) => `${text}\n// another version`);
  await page.reload();
  const newer = 'A newer version of this page is here.';
  await expect(page.getByText(newer)).toBeVisible();
  await page.reload();
  await expect(page.getByText(newer)).toBeVisible();
  await page.close();
  // The browser lets the newer one take over a moment after the last page has gone.
  await new Promise((later) => setTimeout(later, 3_000));
  const next = await context.newPage();
  await open(next);
  await expect(next.getByText(newer)).toBeHidden();
  const version = await next.evaluate(async () => {
    const controller = navigator.serviceWorker.controller;
    return controller === null ? '' : (await fetch(controller.scriptURL)).text();
  });
  expect(version).toContain('// another version');
});
