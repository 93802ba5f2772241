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
