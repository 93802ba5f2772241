import { readFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { record, type Recording } from './recorded';
import { replay } from './replay';

/** Two runs of the library that are compared while neither is on the page. */

const STEPS = 8;
/** Entropy, in nats, that every arm of the second run has more. */
const MORE = 0.125;

const first = record({ steps: STEPS });
const second: Recording = {
  ...first,
  metrics: first.metrics.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([run, metrics]) => [
        run,
        { ...metrics, entropy: metrics.entropy + MORE },
      ]),
    ),
  ),
};

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const library = (page: Page) => page.getByRole('dialog', { name: 'Library' });

async function open(page: Page, recording: Recording): Promise<void> {
  await replay(page, recording);
  await page.goto('/');
  await expect(button(page, 'Run')).toBeEnabled();
}

/** Trains what is on the page and keeps it under `name`. */
async function keep(page: Page, name: string): Promise<void> {
  await button(page, 'Run').click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of 24`);
  await expect(page.getByText(`Saved at step ${STEPS}.`)).toBeVisible();
  await button(page, 'Library').click();
  await library(page)
    .getByRole('button', { name: 'Rename Which tokens drive entropy?', exact: true })
    .click();
  await library(page)
    .getByRole('textbox', { name: /^New name/ })
    .fill(name);
  await page.keyboard.press('Enter');
  await expect(library(page).getByRole('checkbox', { name: `Compare ${name}` })).toBeVisible();
}

const entropyAt = ({ metrics }: Recording, step: number) =>
  metrics[step - 1]?.['arm-1#0']?.entropy ?? NaN;

test('two kept runs are compared in words, curves and settings, and the numbers are saved', async ({
  page,
  context,
}) => {
  await open(page, first);
  await keep(page, 'Wide');
  await page.close();

  const other = await context.newPage();
  await open(other, second);
  await other.getByRole('button', { name: /^More settings/ }).click();
  await other.getByRole('textbox', { name: 'Clip low' }).fill('0.1');
  await other.keyboard.press('Enter');
  await keep(other, 'Narrow');
  await other.reload();
  await expect(other.getByRole('status')).toHaveText('step 0 of 24');

  await button(other, 'Library').click();
  const mark = (name: string) => library(other).getByRole('checkbox', { name: `Compare ${name}` });
  await mark('Wide').check();
  await expect(button(other, 'Compare its arms')).toBeVisible();
  await mark('Narrow').check();
  await library(other).getByRole('button', { name: 'Compare', exact: true }).click();
  const dialog = other.getByRole('dialog', { name: 'Compare' });
  for (const [i, name] of ['Wide', 'Narrow'].entries()) {
    await expect(
      dialog.getByLabel('Run').nth(i).getByRole('option', { selected: true }),
    ).toHaveText(name);
  }

  await expect(
    dialog.getByText('Paired at seed 0: the same prompts and the same draws.'),
  ).toBeVisible();
  await expect(dialog.getByText(/^Means over steps 7 to 8,/)).toBeVisible();
  await expect(
    dialog.getByText(
      /^Entropy is 0\.125\d* nats lower in “GRPO \(Wide\)” \(0\.\d+\) than in “GRPO \(Narrow\)” \(0\.\d+\)\. One pair/,
    ),
  ).toBeVisible();
  await expect(
    dialog.getByText(/^Reward is the same in “GRPO \(Wide\)” .* and “GRPO \(Narrow\)” .*seed\.$/),
  ).toBeVisible();
  const differing = dialog.getByRole('table', { name: 'Settings that differ' });
  await expect(differing.getByRole('row')).toHaveText([
    'SettingGRPO (Wide)GRPO (Narrow)',
    'Clip low0.20.1',
  ]);

  const entropy = dialog.getByRole('figure', { name: /^Entropy compared/ });
  await expect(entropy.locator('.plot')).toHaveAttribute('data-points', String(STEPS));
  await expect(entropy.getByRole('listitem')).toHaveText(['GRPO (Wide)', 'GRPO (Narrow)']);
  const heights = entropy.locator('path.curve');
  await expect(heights).toHaveCount(2);
  const [wide, narrow] = await Promise.all(
    [0, 1].map(async (i) => (await heights.nth(i).boundingBox())?.y ?? NaN),
  );
  expect(narrow).toBeLessThan(wide ?? NaN);

  const download = other.waitForEvent('download');
  await entropy.getByRole('button', { name: 'Menu of Entropy compared' }).click();
  await other.getByRole('menuitem', { name: 'Save as CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('entropy-compared.csv');
  const lines = readFileSync(await file.path(), 'utf8')
    .trimEnd()
    .split('\r\n');
  const rows = ([name, recording]: readonly [string, Recording]) =>
    Array.from(
      { length: STEPS },
      (_, i) => `${name},0,${i + 1},${i + 1},${entropyAt(recording, i + 1)}`,
    );
  expect(lines).toEqual([
    'arm,seed,step,x,entropy',
    ...rows(['GRPO (Wide)', first]),
    ...rows(['GRPO (Narrow)', second]),
  ]);

  await dialog.getByLabel('Arm').nth(1).selectOption('λ 0.5');
  await expect(dialog.getByText(/^Entropy is .* in “GRPO” .* than in “λ 0\.5”/)).toBeVisible();
  await expect(differing).toContainText('Positive-advantage weight');
  await expect(entropy.getByRole('listitem')).toHaveText(['GRPO', 'λ 0.5']);
});
