import { expect, test, type Page } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

test.beforeEach(async ({ page }) => {
  await replay(page, record({ steps: 1 }));
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
});

async function settingsOf(page: Page, arm: string) {
  await page.getByRole('button', { name: `Menu of ${arm}`, exact: true }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  const dialog = page.getByRole('dialog', { name: `Settings of ${arm}` });
  await expect(dialog).toBeVisible();
  const filter = (count: number) =>
    dialog.getByRole('checkbox', {
      name: `only the ${count} that ${count === 1 ? 'differs' : 'differ'} from the base`,
    });
  return { dialog, filter, fields: dialog.getByRole('textbox') };
}

test('the filter leaves the settings in which the arm differs from the base', async ({ page }) => {
  const { dialog, filter, fields } = await settingsOf(page, 'λ 0');
  const all = await fields.count();
  expect(all).toBeGreaterThan(10);
  await expect(dialog.getByRole('heading', { name: 'Optimiser' })).toBeVisible();
  await filter(1).check();
  await expect(fields).toHaveCount(1);
  await expect(fields).toHaveAccessibleName('Positive-advantage weight');
  await expect(fields).toHaveValue('0');
  await expect(dialog.getByText('Base: 1.')).toBeVisible();
  await expect(dialog.getByRole('heading', { level: 3 })).toHaveText(['Advantage and its weight']);
  await filter(1).uncheck();
  await expect(fields).toHaveCount(all);
});

test('the filter counts what is being changed, and narrows a search', async ({ page }) => {
  const { dialog, filter, fields } = await settingsOf(page, 'λ 0');
  const search = dialog.getByRole('searchbox', { name: 'Search the settings' });
  await search.fill('clip low');
  await dialog.getByRole('textbox', { name: 'Clip low', exact: true }).fill('0.05');
  await search.fill('');
  await filter(2).check();
  await expect(fields).toHaveCount(2);
  await search.fill('clip');
  await expect(fields).toHaveCount(1);
  await expect(fields).toHaveAccessibleName('Clip low');
  await dialog.getByRole('button', { name: 'Reset clip low' }).click();
  await expect(fields).toHaveCount(0);
  await search.fill('');
  await expect(fields).toHaveCount(1);
  await expect(filter(1)).toBeChecked();
});

test('an arm that is as the base has nothing to show, and the filter is off the next time', async ({
  page,
}) => {
  const { dialog, filter, fields } = await settingsOf(page, 'GRPO');
  await filter(0).check();
  await expect(fields).toHaveCount(0);
  await expect(dialog.getByRole('heading', { level: 3 })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  const again = await settingsOf(page, 'positives only');
  await expect(again.filter(1)).not.toBeChecked();
  await again.filter(1).check();
  await expect(again.fields).toHaveAccessibleName('Negative-advantage weight');
});
