import { expect, test, type Locator, type Page } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

/** Whatever is opened by key gives the focus back to what opened it, so that nobody starts over at the top of the page. */

const STEPS = 2;

test.beforeEach(async ({ page }) => {
  await replay(page, record({ steps: STEPS }));
  await page.goto('/');
  const run = page.getByRole('button', { name: 'Run', exact: true });
  await expect(run).toBeEnabled();
  await run.click();
  await expect(page.getByText(`Saved at step ${STEPS}.`)).toBeVisible();
});

const expectBack = (opener: Locator) => expect(opener).toBeFocused({ timeout: 5_000 });

for (const [opener, dialog] of [
  ['Library', 'Library'],
  ['Kernels', 'Kernels'],
  ['Fork…', 'Fork'],
  ['Compare arms…', 'Compare'],
  ['Chart settings', 'Chart settings'],
] as const) {
  test(`from ${dialog}`, async ({ page }) => {
    const button = page.getByRole('button', { name: opener, exact: true });
    await button.press('Enter');
    await expect(page.getByRole('dialog', { name: dialog })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expectBack(button);
  });
}

test('from the settings of an arm, to its menu', async ({ page }) => {
  const menu = page.getByRole('button', { name: 'Menu of λ 0.5', exact: true });
  await menu.press('Enter');
  await page.getByRole('menuitem', { name: 'Settings' }).press('Enter');
  await expect(page.getByRole('dialog', { name: 'Settings of λ 0.5' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expectBack(menu);
});

const question = (page: Page) => page.getByRole('alertdialog');

for (const key of ['Escape', 'Enter'] as const) {
  test(`from the question before a run is deleted, answered by ${key}`, async ({ page }) => {
    await page.getByRole('button', { name: 'Library', exact: true }).click();
    const opener = page.getByRole('button', { name: /^Delete/ });
    await opener.press('Enter');
    await expect(question(page).getByRole('button', { name: 'Keep it' })).toBeFocused();
    await page.keyboard.press(key);
    await expect(question(page)).toHaveCount(0);
    await expectBack(opener);
  });
}
