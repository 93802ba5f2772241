import { expect, test } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

const STEPS = 24;
const recording = record({ steps: STEPS });

test.beforeEach(async ({ page }) => {
  await replay(page, recording);
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Run' })).toBeEnabled();
});

test('space runs and the full stop steps, but not while a control has the focus', async ({
  page,
}) => {
  const status = page.getByRole('status');
  await page.keyboard.press('.');
  await expect(status).toHaveText(`step 1 of ${STEPS}`);
  await page.getByRole('slider', { name: 'Positive-advantage weight' }).focus();
  await page.keyboard.press('.');
  await page.keyboard.press('Space');
  await expect(status).toHaveText(`step 1 of ${STEPS}`);
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  await page.keyboard.press('Space');
  await expect(status).toHaveText(`step ${STEPS} of ${STEPS}`);
});

test('the data table holds the plotted numbers, the change and the hidden arm', async ({
  page,
}) => {
  for (let step = 1; step <= 3; step++) {
    await page.getByRole('button', { name: 'Step' }).click();
    await expect(page.getByRole('status')).toHaveText(`step ${step} of ${STEPS}`);
  }
  await page.getByRole('slider', { name: 'Positive-advantage weight' }).press('ArrowLeft');
  const figure = page.getByRole('figure', { name: /^Entropy/ });
  const button = figure.getByRole('button', { name: 'Show data' });
  await expect(button).toHaveAttribute('aria-expanded', 'false');
  await button.click();
  await expect(button).toHaveAttribute('aria-expanded', 'true');

  const table = figure.getByRole('table');
  await expect(table.getByRole('row')).toHaveCount(4);
  const entropy = recording.metrics[2]?.['arm-1#0']?.entropy.toFixed(3) ?? 'missing';
  await expect(table.getByRole('row').nth(3)).toContainText(entropy);
  await expect(figure.getByText('From step 4, GRPO: λ 1 to 0.95')).toBeVisible();

  await expect(table.getByRole('columnheader', { name: 'λ 0.5' })).toBeVisible();
  await page.getByRole('checkbox', { name: 'Show λ 0.5' }).uncheck();
  await expect(table.getByRole('columnheader', { name: 'λ 0.5' })).toHaveCount(0);
});

test('a reset keeps the settings, restoring brings back those of the start', async ({ page }) => {
  const slider = page.getByRole('slider', { name: 'Positive-advantage weight' });
  await slider.press('Home');
  await expect(slider).toHaveAttribute('aria-valuenow', '0');
  await page.getByRole('button', { name: 'Run' }).click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of ${STEPS}`);
  await page.getByRole('button', { name: 'Reset' }).click();
  await expect(page.getByRole('status')).toHaveText(`step 0 of ${STEPS}`);
  await expect(slider).toHaveAttribute('aria-valuenow', '0');
  await page.getByRole('button', { name: /^Restore/ }).click();
  await expect(slider).toHaveAttribute('aria-valuenow', '1');
});

test('a number outside its bounds is refused in the words of the schema', async ({ page }) => {
  await page.getByRole('button', { name: /^More settings/ }).click();
  const field = page.getByRole('textbox', { name: 'Clip low' });
  await field.fill('7');
  await expect(page.getByRole('alert').filter({ hasText: 'clip_low must be' })).toBeVisible();
  await field.fill('0.1');
  await field.press('Enter');
  await expect(page.getByText('In force since step 1.')).toBeVisible();
});

test('the theme outlives the visit', async ({ page }) => {
  const toggle = page.getByRole('button', { name: 'Dark theme' });
  await toggle.click();
  await expect(toggle).toHaveAttribute('aria-pressed', 'true');
  await page.reload();
  await expect(toggle).toHaveAttribute('aria-pressed', 'true');
});

test('an experiment whose file is bad is refused, and the run goes on', async ({ page }) => {
  await page.route('**/experiments/who-drives.json', (route) =>
    route.fulfill({ body: '{"base":{"steps":-1}}' }),
  );
  await page.getByRole('button', { name: 'Run' }).click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of ${STEPS}`);
  const experiment = page.getByRole('combobox', { name: 'Experiment' });
  await experiment.selectOption('Who drives');
  await expect(
    page.getByText(/^The experiment “Who drives” has a damaged file: steps/),
  ).toBeVisible();
  await expect(experiment).toHaveValue('');
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of ${STEPS}`);
  expect(new URL(page.url()).search).toBe('');
});

test('a choice replaces the run, and its link opens it again without starting', async ({
  page,
}) => {
  await page.getByRole('button', { name: 'Run' }).click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of ${STEPS}`);
  await page.getByRole('combobox', { name: 'Experiment' }).selectOption('PAR on maze');
  await expect(page.getByRole('status')).toHaveText('step 0 of 60');
  await expect(page.locator('.entropy .plot')).toHaveAttribute('data-points', '0');
  await expect(page.getByText('4 arms × 60 steps on maze')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('combobox', { name: 'Experiment' })).toHaveValue('par-on-maze');
  await expect(page.getByRole('button', { name: 'Run' })).toBeEnabled();
  await expect(page.getByRole('status')).toHaveText('step 0 of 60');
});

test('a link to an experiment that is not there is refused by name', async ({ page }) => {
  await page.goto('/?experiment=nowhere');
  await expect(page.getByText('There is no experiment "nowhere".')).toBeVisible();
  await expect(page.getByRole('table', { name: 'Arms' }).getByRole('row')).toHaveCount(5);
  await expect(page.getByRole('button', { name: 'Run' })).toBeEnabled();
});

test('the names that other tools find things by are nobody else’s', async ({ page }) => {
  for (let step = 1; step <= 2; step++) {
    await page.getByRole('button', { name: 'Step' }).click();
    await expect(page.getByRole('status')).toHaveText(`step ${step} of ${STEPS}`);
  }
  for (const name of ['Run', 'Step', 'Reset']) {
    await expect(page.getByRole('button', { name })).toHaveCount(1);
  }
  await expect(page.getByRole('button', { name: 'Pause' })).toHaveCount(0);
  await expect(page.getByRole('slider', { name: 'Positive-advantage weight' })).toHaveCount(1);
  await expect(page.getByRole('status')).toHaveCount(1);
  await expect(page.getByRole('table', { name: 'Arms' })).toHaveCount(1);
  for (const name of [/^Entropy/, /^Reward/, /^Clip fraction/, /^Lambda/]) {
    await expect(page.getByRole('figure', { name })).toHaveCount(1);
  }
});
