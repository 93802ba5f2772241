import { expect, test } from '@playwright/test';

test('a link opens an experiment, and the keyboard chooses another', async ({ page }) => {
  const messages: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') messages.push(message.text());
  });
  await page.goto('/?experiment=par-saturates');
  const arms = page.getByRole('table', { name: 'Arms' });
  const status = page.getByRole('status');
  await expect(arms.getByRole('row', { name: /target 0\.35/ })).toContainText('0.5');
  await expect(arms.getByRole('row')).toHaveCount(3);
  const about = page.getByRole('region', { name: /^What does the entropy-guided schedule do/ });
  await expect(about).toContainText('λ is at 0 within a few steps');
  await expect(about).toContainText('the controller has nothing left to turn');
  await expect(page.getByText('2 arms × 40 steps on chain-sum')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run' })).toBeEnabled({ timeout: 120_000 });
  await expect(status).toHaveText('step 0 of 40');

  await page.getByRole('radio', { name: 'target 0.35' }).check();
  await expect(page.getByText('λ = 0.50')).toBeVisible();
  await expect(page.getByText(/^λ follows a schedule, Entropy-guided\./)).toBeVisible();
  await page.getByRole('button', { name: 'Step' }).click();
  await expect(status).toHaveText('step 1 of 40', { timeout: 60_000 });

  const experiment = page.getByRole('combobox', { name: 'Experiment' });
  await experiment.focus();
  await page.keyboard.press('ArrowDown');
  await expect(experiment).toHaveValue('par-pays-late');
  await expect(page.getByRole('heading', { name: /^Does reweighting pay off/ })).toBeVisible();
  await expect(about).toHaveCount(0);
  await expect(status).toHaveText('step 0 of 120');
  expect(new URL(page.url()).search).toBe('?experiment=par-pays-late');
  await expect(page.getByRole('button', { name: 'Run' })).toBeEnabled({ timeout: 120_000 });
  expect(messages).toEqual([]);
});
