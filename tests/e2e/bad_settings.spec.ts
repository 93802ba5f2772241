import { expect, test, type Page } from '@playwright/test';
import { encodeExperiment } from '../../src/recipe/link';
import { defaultExperiment } from '../../src/recipe/presets';
import { writeRunFile } from '../../src/storage/run_file';
import { keptRun } from '../setup/kept_run';

/** What only the worker can find out: settings that no prompt fits, and a saved run that is none. */

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

const NOTHING_STARTED = 'Nothing was started and nothing was changed.';

test('settings that no prompt fits are refused when the base policy has been asked', async ({
  page,
}) => {
  const whole = defaultExperiment(true);
  // Eight responses to a prompt: no success rate lies between four and five eighths.
  const band = { difficulty_low: 0.51, difficulty_high: 0.62, train_prompts: 64 };
  const link = encodeExperiment({
    ...whole,
    base: { ...whole.base, ...band },
    arms: whole.arms.slice(0, 1),
  });
  await page.goto(`/#x=${link}`);
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('The settings cannot be used', { timeout: 120_000 });
  await expect(alert).toContainText('is solved between 0.51 and 0.62 of the time');
  await expect(alert).toContainText(NOTHING_STARTED);
  await expect(button(page, 'Run')).toBeDisabled();
  await expect(page.getByRole('status')).toHaveText(/^step 0 of/);
  // Other settings are what it takes.
  await page.getByRole('combobox', { name: 'Experiment' }).selectOption({ index: 0 });
  await expect(button(page, 'Run')).toBeEnabled({ timeout: 120_000 });
  await expect(alert).toBeEmpty();
});

test('a saved run whose weights are none is refused when it is taken up, and stays in the library', async ({
  page,
}) => {
  await page.goto('/');
  await expect(button(page, 'Run')).toBeEnabled({ timeout: 120_000 });
  await button(page, 'Library').click();
  const library = page.getByRole('dialog', { name: 'Library' });
  // Whole and with a digest that fits, as a forger or another version would make it.
  await library.getByLabel('Run file').setInputFiles({
    name: 'forged.rlvr',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(await writeRunFile(keptRun())),
  });
  await expect(library.getByText(/was imported\.$/)).toBeVisible();
  await library.getByRole('button', { name: /^Open/ }).click();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('The input cannot be used', { timeout: 120_000 });
  await expect(alert).toContainText('checkpoint: ');
  await expect(alert).toContainText(NOTHING_STARTED);
  await expect(button(page, 'Run')).toBeDisabled();
  // Its curves are there, it is kept, and the page trains something else.
  await expect(page.locator('.entropy .plot')).toHaveAttribute('data-points', '3');
  await button(page, 'Reset').click();
  await expect(button(page, 'Run')).toBeEnabled({ timeout: 120_000 });
  await expect(alert).toBeEmpty();
  await button(page, 'Library').click();
  await expect(library.getByRole('list', { name: 'Runs' }).getByRole('listitem')).toHaveCount(1);
});
