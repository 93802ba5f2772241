import { expect, test } from '@playwright/test';

/** `npm run picture`: the README's pictures, of a real run of the default experiment in this browser. */
test('page.png and page-dark.png', async ({ page }) => {
  test.setTimeout(15 * 60_000);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Run' })).toBeEnabled({ timeout: 120_000 });
  await page.getByRole('button', { name: 'Run' }).click();
  await expect(page.getByRole('status')).toHaveText(/^step (\d+) of \1$/, { timeout: 10 * 60_000 });
  await expect(page.getByRole('button', { name: 'Pause' })).toBeHidden();
  await page.waitForTimeout(1_000); // the charts are redrawn a few times a second
  await page.screenshot({ path: 'docs/page.png' });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForTimeout(1_000);
  await page.screenshot({ path: 'docs/page-dark.png' });
});
