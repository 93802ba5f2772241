import { expect, test, type Page } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

const STEPS = 24;
const WRITER = /\/writer_worker-[^/]*\.js$/;

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const kept = (page: Page) =>
  page.getByRole('dialog', { name: 'Library' }).getByRole('list', { name: 'Kept runs' });

async function trainAndLook(page: Page): Promise<void> {
  await replay(page, record({ steps: STEPS }));
  await page.goto('/');
  await button(page, 'Run').click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of ${STEPS}`);
  await button(page, 'Library').click();
  await expect(kept(page).getByRole('listitem')).toHaveCount(1);
}

test('the file of a run is written in a thread of its own', async ({ page }) => {
  await trainAndLook(page);
  expect(page.workers().map((worker) => worker.url())).toContainEqual(
    expect.stringMatching(WRITER),
  );
});

test('where that thread cannot be loaded, the page writes the file itself', async ({ page }) => {
  let asked = 0;
  await page.route(WRITER, (route) => {
    asked++;
    return route.abort();
  });
  await trainAndLook(page);
  expect(asked).toBe(1);
});
