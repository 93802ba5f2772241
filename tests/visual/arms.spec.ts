import { expect, test, type Page } from '@playwright/test';
import { axe } from './axe';
import { record } from './recorded';
import { replay } from './replay';

const STEPS = 3;
const recording = record({ steps: STEPS });

test.beforeEach(async ({ page }) => {
  await replay(page, recording);
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
});

const arms = (page: Page) => page.getByRole('table', { name: 'Arms' });

async function choose(page: Page, arm: string, item: string): Promise<void> {
  await page.getByRole('button', { name: `Menu of ${arm}`, exact: true }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

test('an arm is duplicated, renamed, recoloured and deleted, and undo brings it back', async ({
  page,
}) => {
  await choose(page, 'λ 0', 'Duplicate');
  await expect(arms(page).getByRole('row')).toHaveCount(6);
  const copy = arms(page).getByRole('row', { name: /λ 2/ });
  await expect(copy.getByRole('radio')).toBeChecked();
  await expect(copy.getByRole('cell').first()).toHaveText('0');

  await choose(page, 'λ 2', 'Rename');
  const name = page.getByRole('textbox', { name: 'New name of λ 2' });
  await name.fill('GRPO');
  await expect(page.getByText('Another arm is called "GRPO".')).toBeVisible();
  await name.fill('mine');
  await name.press('Enter');
  await expect(arms(page).getByRole('row', { name: /mine/ })).toBeVisible();

  await page.getByRole('button', { name: 'Menu of mine' }).focus();
  await page.keyboard.press('Enter');
  const item = page.getByRole('menuitem');
  await expect(item.first()).toBeFocused();
  await page.keyboard.press('End');
  await expect(item.last()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(arms(page).getByRole('row')).toHaveCount(5);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(arms(page).getByRole('row', { name: /mine/ })).toBeVisible();
  await page.getByRole('button', { name: 'Redo' }).click();
  await expect(arms(page).getByRole('row')).toHaveCount(5);
});

test('any setting can be found and changed; what cannot act live starts over and says so', async ({
  page,
}) => {
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of 24`);
  await choose(page, 'GRPO', 'Settings');
  const dialog = page.getByRole('dialog', { name: 'Settings of GRPO' });
  await dialog.getByRole('searchbox').fill('clip low');
  const low = dialog.getByRole('textbox', { name: 'Clip low', exact: true });
  await low.fill('9');
  await expect(dialog.getByText('clip_low must be')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Apply' })).toBeDisabled();
  await low.fill('0.05');
  await expect(dialog.getByText('Base: 0.2.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Apply' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of 24`);
  await expect(arms(page).getByRole('row', { name: /GRPO\*/ })).toBeVisible();

  await choose(page, 'GRPO', 'Settings');
  await dialog.getByRole('searchbox').fill('minibatches');
  await dialog.getByRole('textbox', { name: 'Minibatches', exact: true }).fill('8');
  await expect(dialog.getByText('Starts all arms over at step 0')).toBeVisible();
  await dialog.getByRole('button', { name: 'Apply and start over' }).click();
  await expect(page.getByRole('status')).toHaveText('step 0 of 24');
});

test('settings that do not fit together are refused, and nothing has changed', async ({ page }) => {
  await choose(page, 'GRPO', 'Settings');
  const dialog = page.getByRole('dialog', { name: 'Settings of GRPO' });
  await dialog.getByRole('searchbox').fill('minibatches');
  await dialog.getByRole('textbox', { name: 'Minibatches', exact: true }).fill('7');
  await dialog.getByRole('button', { name: 'Apply' }).click();
  await expect(dialog.getByText(/minibatches must divide|minibatches/).last()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(arms(page).getByText('GRPO*')).toHaveCount(0);
});

test('the settings dialog breaks no accessibility rule', async ({ page }) => {
  await choose(page, 'GRPO', 'Settings');
  await expect(page.getByRole('dialog')).toBeVisible();
  const { violations } = await axe(page).include('[role="dialog"]').analyze();
  expect(violations).toEqual([]);
});

test('seeds are a list, and refused by name', async ({ page }) => {
  const seeds = page.getByRole('textbox', { name: 'Seeds' });
  await seeds.fill('1, 1');
  await seeds.press('Enter');
  await expect(page.getByText('seeds must differ; got 1 twice')).toBeVisible();
  await seeds.press('Escape');
  await expect(seeds).toHaveValue('0');
});

test('a link holds the experiment as it stands, opens it elsewhere and starts nothing', async ({
  page,
}) => {
  await choose(page, 'λ 0.5', 'Delete');
  await page.getByRole('button', { name: 'Copy a link to this' }).click();
  await expect(page.getByText(/Link copied|in the address bar/)).toBeVisible();
  const link = page.url();
  expect(link).toContain('#x=');
  await page.goto('about:blank');
  await page.goto(link);
  await expect(arms(page).getByRole('row')).toHaveCount(4);
  await expect(page.getByRole('status')).toHaveText('step 0 of 24');
  await page.goto('about:blank');
  await page.goto(link.slice(0, -20));
  await expect(page.getByText(/^The experiment in the link was not taken up/)).toBeVisible();
  await expect(arms(page).getByRole('row')).toHaveCount(5);
});

test('a change by the dialog and its undo are marked like one by hand', async ({ page }) => {
  await page.getByRole('button', { name: 'Step' }).click();
  await expect(page.getByRole('status')).toHaveText('step 1 of 24');
  await choose(page, 'GRPO', 'Settings');
  const dialog = page.getByRole('dialog', { name: 'Settings of GRPO' });
  await dialog.getByRole('searchbox').fill('clip low');
  await dialog.getByRole('textbox', { name: 'Clip low', exact: true }).fill('0.05');
  await dialog.getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('button', { name: 'Step' }).click();
  await expect(page.getByRole('status')).toHaveText('step 2 of 24');
  await page.getByRole('button', { name: 'Undo' }).click();
  const figure = page.getByRole('figure', { name: /^Entropy/ });
  await figure.getByRole('button', { name: 'Show data' }).click();
  await expect(figure.getByText('From step 2, GRPO: clip low 0.2 to 0.05')).toBeVisible();
  await expect(figure.getByText('From step 3, GRPO: clip low 0.05 to 0.2')).toBeVisible();
});
