import { expect, test, type Page } from '@playwright/test';
import { axe } from './axe';
import { record } from './recorded';
import { replay } from './replay';

const STEPS = 8;

/** Compares the first two arms of a run at two seeds. */
async function compared(page: Page): Promise<void> {
  await replay(page, record({ steps: STEPS, seeds: [0, 1] }));
  await page.goto('/');
  const run = page.getByRole('button', { name: 'Run', exact: true });
  await expect(run).toBeEnabled();
  await page.getByLabel('Seeds').fill('0, 1');
  await page.getByLabel('Seeds').press('Enter');
  await expect(run).toBeEnabled();
  await run.click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of 24`);
  await page.getByRole('button', { name: 'Compare arms…' }).click();
}

for (const [size, viewport, colorScheme] of [
  ['wide', { width: 1280, height: 800 }, 'light'],
  ['narrow', { width: 390, height: 844 }, 'dark'],
] as const) {
  test(`arms are compared in the quantities that are chosen, ${size}`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await compared(page);
    const dialog = page.getByRole('dialog', { name: 'Compare' });
    const figures = dialog.getByRole('figure');
    await expect(figures).toHaveCount(2);
    await expect(dialog.getByText('Entropy · Reward', { exact: true })).toBeVisible();
    await dialog.getByRole('button', { name: 'Quantities…' }).click();
    const item = (name: string) => page.getByRole('menuitemcheckbox', { name, exact: true });
    await expect(item('Entropy')).toBeChecked();
    await expect(item('KL to the base policy (not measured)')).toBeDisabled();
    await item('Clip fraction (low)').click();
    // The menu stays, and a key does the same.
    await item('Reward').focus();
    await page.keyboard.press('Enter');
    await expect(item('Reward')).not.toBeChecked();
    await item('Response length').click();
    await page.screenshot({ path: `test-results/compare-menu-${size}.png` });
    const menu = await axe(page).include('[role=menu]').analyze();
    expect(menu.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    await page.keyboard.press('Escape');

    await expect(
      dialog.getByText('Entropy · Clip fraction (low) · Response length', { exact: true }),
    ).toBeVisible();
    await expect(figures).toHaveCount(3);
    await expect(
      dialog.getByRole('figure', { name: /^Clip fraction \(low\) compared/ }),
    ).toBeVisible();
    await expect(
      dialog.getByText(
        /^Clip fraction \(low\) is 0\.\d+ (higher|lower) in “GRPO” .* Over 2 pairs the difference is .* of 2 with this sign/,
      ),
    ).toBeVisible();
    await expect(
      dialog.getByText(/^Response length is the same in “GRPO” \(4\.500\) and .* at every seed\.$/),
    ).toBeVisible();
    await dialog.getByText('Seed by seed').click();
    await expect(
      dialog.getByRole('columnheader', { name: 'Clip fraction (low), GRPO' }),
    ).toBeVisible();
    const { violations } = await axe(page).include('[role=dialog]').analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    const body = dialog.locator('.dialog-body');
    expect(await body.evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
    await page.screenshot({ path: `test-results/compare-chosen-${size}.png` });
  });
}
