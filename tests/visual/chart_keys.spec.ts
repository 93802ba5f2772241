import { expect, test, type Locator, type Page } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

const STEPS = 10;
const recording = record({ steps: STEPS });

const figure = (page: Page, name: RegExp): Locator => page.getByRole('figure', { name });
const entropy = (page: Page): Locator => figure(page, /^Entropy nats/);

test.beforeEach(async ({ page }) => {
  await replay(page, recording);
  await page.goto('/');
  const run = page.getByRole('button', { name: 'Run', exact: true });
  await expect(run).toBeEnabled();
  await run.click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of 24`);
  await expect(entropy(page).locator('.plot')).toHaveAttribute('data-points', String(STEPS));
});

/** From the last control before the plot into it, as the Tab key goes. */
async function tabInto(page: Page): Promise<void> {
  await entropy(page).getByRole('button', { name: 'Menu of Entropy' }).focus();
  await page.keyboard.press('Tab');
  await expect(entropy(page).getByRole('application')).toBeFocused();
}

/** The readout in the chart, and the number that another chart shows for the same step. */
async function expectAt(page: Page, step: number): Promise<void> {
  const arm = recording.metrics[step - 1]?.['arm-1#0'];
  const tip = entropy(page).locator('.tip');
  await expect(tip.getByText(`step ${step}`, { exact: true })).toBeVisible();
  await expect(tip.locator('td').nth(1)).toHaveText(arm?.entropy.toFixed(3) ?? 'missing');
  await expect(figure(page, /^Reward/).locator('.hover-layer text')).toHaveText(
    arm?.reward.toFixed(3) ?? 'missing',
  );
}

test('arrow keys move the cursor along a chart, in step with the others, and stop at its ends', async ({
  page,
}) => {
  await tabInto(page);
  await page.keyboard.press('ArrowRight');
  const tip = entropy(page).locator('.tip');
  await expect(tip).toBeVisible();
  const start = Number((await tip.textContent())?.match(/^step (\d+)/)?.[1]);
  expect(start).toBeLessThanOrEqual(2);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expectAt(page, start + 2);
  await page.keyboard.press('ArrowLeft');
  await expectAt(page, start + 1);
  for (let press = 0; press < STEPS + 2; press++) await page.keyboard.press('ArrowRight');
  await expectAt(page, STEPS);
  for (let press = 0; press < STEPS + 2; press++) await page.keyboard.press('ArrowLeft');
  await expectAt(page, 1);
  // The keys are the chart's: nothing was trained and nothing scrolled away.
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of 24`);
});

test('the cursor goes when the focus leaves the chart', async ({ page }) => {
  await tabInto(page);
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.hover-layer')).toHaveCount(4);
  await page.keyboard.press('Tab');
  await expect(entropy(page).getByRole('application')).not.toBeFocused();
  await expect(entropy(page).locator('.tip')).toHaveCount(0);
  await expect(page.locator('.hover-layer')).toHaveCount(0);
});
