import { expect, test, type Page } from '@playwright/test';
import { withoutWebGPU } from './replay';

const run = (page: Page) => page.getByRole('button', { name: 'Run', exact: true });

/** The page's code throws where it asks for this. */
async function breakMedia(page: Page, query: string): Promise<void> {
  await page.addInitScript((broken) => {
    const original = matchMedia.bind(globalThis);
    globalThis.matchMedia = (asked) => {
      if (asked === broken) throw new Error('made to fail');
      return original(asked);
    };
  }, query);
}

test.beforeEach(({ page }) => withoutWebGPU(page));

test('a part that cannot be fetched says so in its place, and comes when asked again', async ({
  page,
}) => {
  let reachable = false;
  await page.route(/SoftmaxPanel/, (route) => (reachable ? route.fallback() : route.abort()));
  await page.goto('/');
  const failed = page.getByRole('alert').filter({ hasText: 'One softmax could not be fetched' });
  await expect(failed).toBeVisible();
  await expect(run(page)).toBeEnabled();
  await expect(page.getByRole('region', { name: 'The loss, term by term' })).toBeVisible();
  reachable = true;
  await failed.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('region', { name: 'One softmax' })).toBeVisible();
  await expect(failed).toHaveCount(0);
});

test('a dialog that cannot be fetched can be closed', async ({ page }) => {
  await page.route(/KernelsDrawer/, (route) => route.abort());
  await page.goto('/');
  await page.getByRole('button', { name: 'Kernels', exact: true }).click();
  const failed = page.getByRole('alert').filter({ hasText: 'The kernels could not be fetched' });
  await failed.getByRole('button', { name: 'Close' }).press('Enter');
  await expect(failed).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Kernels', exact: true })).toBeFocused();
  await page.getByRole('button', { name: 'Commands', exact: true }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
});

test('a part that fails while it is drawn leaves the others alone', async ({ page }) => {
  await breakMedia(page, '(max-width: 640px)');
  await page.goto('/');
  const failed = page
    .getByRole('alert')
    .filter({ hasText: 'What the experiment asks failed: our mistake.' });
  await expect(failed).toBeVisible();
  await failed.getByText('Technical details').click();
  await expect(failed.getByText('made to fail')).toBeVisible();
  await expect(run(page)).toBeEnabled();
});

test('a page that fails as a whole says what is kept', async ({ page }) => {
  await breakMedia(page, '(prefers-color-scheme: dark)');
  await page.goto('/');
  const failed = page.getByRole('alert');
  await expect(
    failed.getByRole('heading', { name: 'Something went wrong inside the program' }),
  ).toBeVisible();
  await expect(failed.getByText('Runs that were kept are still there.')).toBeVisible();
  await expect(failed.getByRole('button', { name: 'Reload the page' })).toBeVisible();
});
