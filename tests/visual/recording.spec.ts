import { expect, test } from '@playwright/test';
import { record } from './recorded';
import { replay, withoutWebGPU } from './replay';

test('without WebGPU the recorded run plays, with its seeds, and says where it comes from', async ({
  page,
}) => {
  await withoutWebGPU(page);
  await page.goto('/?experiment=who-drives');
  await expect(
    page.getByText('This browser has no WebGPU: recorded runs play instead'),
  ).toBeVisible();
  await expect(page.getByRole('radio', { name: 'Recorded' })).toBeChecked();
  await expect(page.getByRole('radio', { name: 'Live' })).toBeDisabled();
  await expect(page.getByText(/^recorded on \d+ \w+ 2026/)).toBeVisible();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText('step 24 of 24');
  const figure = page.getByRole('figure', { name: /^Entropy/ });
  await figure.getByRole('button', { name: 'Show data' }).click();
  await expect(figure.getByRole('table').getByRole('row')).toHaveCount(25);
  await page.getByRole('button', { name: 'Reset' }).click();
  await expect(page.getByRole('status')).toHaveText('step 0 of 24');
});

test('a recorded run cannot be changed, and live training comes back at step 0', async ({
  page,
}) => {
  await replay(page, record({ steps: 2 }));
  await page.goto('/?experiment=who-drives');
  await page.getByRole('radio', { name: 'Recorded' }).click();
  await expect(page.getByText('A recorded run: settings stay as they were.')).toBeVisible();
  const slider = page.getByRole('slider', { name: 'Positive-advantage weight' });
  await expect(slider).toHaveAttribute('data-disabled', '');
  await page.getByRole('button', { name: 'Step' }).click();
  await expect(page.getByRole('status')).toHaveText('step 1 of 24');
  await page.getByRole('radio', { name: 'Live' }).click();
  await expect(page.getByRole('status')).toHaveText('step 0 of 24');
  await expect(slider).not.toHaveAttribute('data-disabled', '');
});

test('a record that is missing or damaged is refused by name, and the page stays', async ({
  page,
}) => {
  await replay(page, record({ steps: 2 }));
  await page.route('**/runs/who-drives.json', (route) => route.fulfill({ body: '{"format":1}' }));
  await page.goto('/?experiment=who-drives');
  await page.getByRole('radio', { name: 'Recorded' }).click();
  await expect(page.getByText(/^The recorded run has a damaged file/)).toBeVisible();
  await expect(page.getByRole('radio', { name: 'Live' })).toBeChecked();
});

test('a look at the recorded run takes nothing away: arms, settings and undo come back', async ({
  page,
}) => {
  await replay(page, record({ steps: 2 }));
  await page.goto('/');
  const arms = page.getByRole('table', { name: 'Arms' });
  await page.getByRole('button', { name: 'Add an arm' }).click();
  await expect(arms.getByRole('row')).toHaveCount(6);
  await page.getByRole('radio', { name: 'Recorded' }).click();
  await expect(arms.getByRole('row')).toHaveCount(5);
  await page.getByRole('radio', { name: 'Live' }).click();
  await expect(arms.getByRole('row')).toHaveCount(6);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(arms.getByRole('row')).toHaveCount(5);
});

test('without WebGPU a link’s own experiment stays on the page, and the default can be chosen again', async ({
  page,
}) => {
  await replay(page, record({ steps: 2 }));
  await page.goto('/');
  await page.getByRole('button', { name: 'Menu of λ 0', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('textbox', { name: 'New name of λ 0' }).fill('mine');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Menu of mine' }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('textbox', { name: 'Steps' }).fill('7');
  await page.getByRole('button', { name: /^Apply/ }).click();
  await page.getByRole('button', { name: 'Copy a link to this' }).click();
  const link = page.url();

  const other = await page.context().browser()?.newContext();
  if (other === undefined) throw new Error('no browser');
  const second = await other.newPage();
  await withoutWebGPU(second);
  await second.goto(link);
  await expect(second.getByRole('row', { name: /mine/ })).toBeVisible();
  await second.getByRole('combobox', { name: 'Experiment' }).selectOption('Who drives');
  await expect(second.getByRole('radio', { name: 'Recorded' })).toBeChecked();
  await second.getByRole('combobox', { name: 'Experiment' }).selectOption({ index: 0 });
  await expect(second.getByRole('table', { name: 'Arms' }).getByRole('row')).toHaveCount(5);
  await expect(second.getByRole('button', { name: 'Run' })).toBeEnabled();
  await other.close();
});
