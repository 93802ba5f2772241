import { readFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

/** A run that is taken to other trainers, and a log of theirs that is drawn beside it. */

const STEPS = 8;

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const dialog = (page: Page, name: string) => page.getByRole('dialog', { name });

async function trained(page: Page): Promise<void> {
  await replay(page, record({ steps: STEPS }));
  await page.goto('/');
  await button(page, 'Run').click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of 24`);
  await expect(page.getByText(`Saved at step ${STEPS}.`)).toBeVisible();
}

async function take(page: Page, label: string) {
  await page
    .getByRole('table', { name: 'Arms' })
    .getByRole('button', { name: /^Menu of / })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Take elsewhere' }).press('ArrowRight');
  const waiting = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: label }).click();
  return waiting;
}

test('an arm is saved as a folder for TRL, and its log for UNIPO', async ({ page }) => {
  await trained(page);
  const zip = await take(page, 'Folder for TRL (zip)');
  expect(zip.suggestedFilename()).toMatch(/-trl\.zip$/);
  const bytes = await readFile(await zip.path());
  expect(bytes.subarray(0, 2).toString()).toBe('PK');
  expect(bytes.includes('policy/model.safetensors')).toBe(true);

  const log = await take(page, 'Log for UNIPO (JSONL)');
  const lines = (await readFile(await log.path(), 'utf8')).trimEnd().split('\n');
  expect(lines).toHaveLength(STEPS + 1);
});

test('a log of TRL is drawn beside what is compared, under the name of its file', async ({
  page,
}) => {
  await trained(page);
  await button(page, 'Library').click();
  const log = [1, 2, 3, 4].map((k) => ({ step: 8 * k, entropy: 1.5 - 0.1 * k, reward: 0.2 * k }));
  await dialog(page, 'Library')
    .getByLabel('Run file')
    .setInputFiles({
      name: 'theirs.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify({ log_history: log })),
    });
  await expect(page.getByText(/theirs\.json”, 4 steps of TRL, is drawn/)).toBeVisible();
  await dialog(page, 'Library')
    .getByRole('checkbox', { name: /^Compare / })
    .first()
    .check();
  await button(page, 'Compare its arms').click();
  const compared = dialog(page, 'Compare');
  const entropy = compared.getByRole('figure', { name: /^Entropy compared/ });
  await expect(entropy.getByText('theirs.json').first()).toBeVisible();
  await compared.getByRole('button', { name: 'Remove theirs.json' }).click();
  await expect(compared.getByText('theirs.json')).toHaveCount(0);
});
