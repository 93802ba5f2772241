import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { axe } from './axe';
import { record } from './recorded';
import { replay, withoutWebGPU } from './replay';

test('a recorded run brings its evaluations, with means over its seeds', async ({ page }) => {
  await withoutWebGPU(page);
  await page.goto('/?experiment=entropy-collapse');
  await page.getByRole('button', { name: /^Held-out/ }).click();
  await expect(page.getByText('Nothing has been evaluated yet.')).toBeVisible();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText('step 40 of 40');
  const newest = page.getByRole('region', { name: 'Newest evaluation: how good' });
  await expect(page.locator('#evaluation').getByText('after step 40')).toBeVisible();
  const cells = newest.getByRole('row').nth(1).getByRole('cell');
  await expect(cells.first()).toHaveText(/^\d+\.\d% \(\d+\.\d% to \d+\.\d%\)$/);

  const pass = page.getByRole('figure', { name: /^pass@k/ });
  await pass.getByRole('button', { name: 'Show data' }).click();
  await expect(pass.getByRole('row')).toHaveCount(6);
  await expect(page.getByRole('figure', { name: /^Calibration/ })).toBeVisible();
  await page.getByRole('combobox', { name: 'By step:' }).selectOption('different correct');
  const along = page.getByRole('figure', { name: /^Held-out different correct/ });
  await along.getByRole('button', { name: 'Show data' }).click();
  await expect(along.getByRole('row')).toHaveCount(6);

  await expect(page.getByRole('region', { name: 'Newest evaluation: how diverse' })).toContainText(
    'self-BLEU',
  );
  const goesWith = page.getByRole('region', { name: 'What entropy goes with' });
  await expect(goesWith.getByRole('row', { name: /^self-BLEU/ })).toContainText(/−\d\.\d\d/);

  const { violations } = await axe(page).include('#evaluation').analyze();
  expect(violations).toEqual([]);
});

test('a live run is evaluated and measured on demand, and a reset forgets it', async ({ page }) => {
  await replay(page, record({ steps: 2 }));
  await page.goto('/');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText('step 2 of 24');
  await page.getByRole('button', { name: /^Held-out/ }).click();
  await page.getByRole('button', { name: 'Evaluate now' }).click();
  const newest = page.getByRole('region', { name: 'Newest evaluation: how good' });
  await expect(newest.getByRole('row')).toHaveCount(5);
  await expect(newest.getByRole('row').nth(1)).toContainText('61.0%');

  await page.getByRole('button', { name: 'Inside the update' }).click();
  await page.getByRole('button', { name: 'Ratios' }).click();
  const ratio = page.getByRole('figure', { name: /^Ratio/ });
  await expect(ratio.getByText(/After 4 updates on the same batch/).last()).toBeVisible();
  await ratio.getByRole('button', { name: 'Show data' }).click();
  await expect(ratio.getByRole('row')).toHaveCount(4);
  await page.getByRole('button', { name: 'Predicted against measured' }).click();
  await expect(page.getByRole('figure', { name: /^Change of entropy/ })).toBeVisible();
  const { violations } = await axe(page).include('#measures').analyze();
  expect(violations).toEqual([]);

  await page.getByRole('button', { name: 'Reset' }).click();
  await expect(page.getByText('Nothing has been evaluated yet.')).toBeVisible();
  await expect(ratio).toHaveCount(0);
});

test('figures of evaluations can be saved and seen large', async ({ page }) => {
  await withoutWebGPU(page);
  await page.goto('/?experiment=entropy-collapse');
  await page.getByRole('button', { name: /^Held-out/ }).click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText('step 40 of 40');
  const open = () => page.getByRole('button', { name: 'Menu of pass@k' }).click();
  const saved = async (item: string) => {
    const download = page.waitForEvent('download');
    await open();
    await page.getByRole('menuitem', { name: item }).click();
    const file = await download;
    return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
  };
  const table = await saved('Save as CSV');
  expect(table.name).toBe('pass-curve.csv');
  const [head, ...rows] = table.text.trimEnd().split('\r\n');
  expect(head).toMatch(/^k,/);
  expect(rows.map((row) => row.split(',')[0])).toEqual(['1', '2', '4', '8', '16']);
  const picture = await saved('Save as SVG');
  expect(picture.name).toBe('pass-curve.svg');
  expect(picture.text).toContain('>pass@k</text>');
  expect(picture.text).toContain('<path');
  await open();
  await page.getByRole('menuitem', { name: 'Full screen' }).click();
  const large = page.getByRole('dialog', { name: 'pass@k' });
  await expect(large.getByRole('figure', { name: /^pass@k/ })).toBeVisible();
  const { violations } = await axe(page).include('.full-screen').analyze();
  expect(violations).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(large).toBeHidden();
  await expect(page.getByRole('button', { name: 'Menu of pass@k' })).toBeFocused();
});

test('measurements along a run are curves: what was predicted of each step, and what came', async ({
  page,
}) => {
  await withoutWebGPU(page);
  await page.goto('/?experiment=decomposition');
  await page.getByRole('button', { name: 'Inside the update' }).click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText('step 20 of 20');
  const change = page.getByRole('figure', { name: /^Change of entropy in a step/ });
  await change.getByRole('button', { name: 'Show data' }).click();
  await expect(change.getByRole('rowheader')).toHaveText(['0', '5', '10', '20']);
  await expect(change.getByRole('columnheader')).toHaveText(['step', 'measured', 'predicted']);
  const drive = page.getByRole('figure', { name: /^Entropy drive by step/ });
  await drive.getByRole('button', { name: 'Show data' }).click();
  await expect(drive.getByRole('cell').first()).toHaveText(/^−0\.0\d+$/);
  const own = page.getByRole('combobox', { name: /^What is ticked is measured/ });
  await expect(own).toHaveText(/after steps 0, 5, 10, 20/);
  const { violations } = await axe(page).include('#measures').analyze();
  expect(violations).toEqual([]);
});

test('what was judged on the training prompts can be seen beside the held-out ones', async ({
  page,
}) => {
  await withoutWebGPU(page);
  await page.goto('/?experiment=data-diversity');
  await page.getByRole('button', { name: /^Held-out/ }).click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText('step 60 of 60', { timeout: 120_000 });
  const good = page.getByRole('region', { name: 'Newest evaluation: how good' });
  const few = good.getByRole('row', { name: /^4 prompts/ }).getByRole('cell');
  await expect(few.first()).toHaveText(/^2\d\.\d%/);
  await page
    .getByRole('combobox', { name: 'Prompts' })
    .selectOption({ label: 'those that each arm was trained on' });
  // Four prompts are known by heart, and nothing else is.
  await expect(few.first()).toHaveText(/^99\.\d%/);
  await expect(page.getByRole('figure', { name: /^On training prompts: pass@1/ })).toBeVisible();
});
