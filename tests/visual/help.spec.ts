import { expect, test } from '@playwright/test';
import { axe } from './axe';
import { record } from './recorded';
import { replay } from './replay';

test('a control explains itself behind its "?", and leads to its place in the loss', async ({
  page,
}) => {
  await replay(page, record({ steps: 2 }));
  await page.goto('/');
  const help = page.getByRole('button', { name: 'What is Positive-advantage weight?' });
  await help.focus();
  await page.keyboard.press('Enter');
  const told = page.getByRole('dialog', { name: 'Positive-advantage weight' });
  await expect(told).toContainText('Multiplies the advantage');
  await expect(told).toContainText('Usual0 to 1.5');
  const { violations } = await axe(page).include('.knob-help').analyze();
  expect(violations).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(told).toBeHidden();
  await expect(help).toBeFocused();

  await page.getByRole('button', { name: /^More settings of/ }).click();
  await page.getByRole('button', { name: 'What is Clip low?' }).click();
  await page.getByRole('button', { name: 'Show it in the loss' }).click();
  await expect(page.getByRole('dialog', { name: 'Clip low' })).toBeHidden();
  const term = page.locator('#formula').getByRole('radio', { name: 'Lower bound of the ratio' });
  await expect(term.first()).toBeInViewport();
  await expect(term.first()).toBeFocused();
});

test('a usual range stands beside each live setting', async ({ page }) => {
  await replay(page, record({ steps: 2 }));
  await page.goto('/');
  await page.getByRole('button', { name: /^More settings of/ }).click();
  await expect(page.getByRole('textbox', { name: 'Clip low' })).toHaveAccessibleDescription(
    'Usual: 0.05 to 0.5.',
  );
});
