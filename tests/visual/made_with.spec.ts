import { expect, test, type Page } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

/** What a run was made with, and what is said when another version of the page takes it up. */

const recording = record({ steps: 24 });

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const library = (page: Page) => page.getByRole('dialog', { name: 'Library' });

async function trainTo(page: Page, step: number): Promise<void> {
  await button(page, 'Step').click();
  await expect(page.getByRole('status')).toHaveText(`step ${step} of 24`);
  await expect(page.getByText(`Saved at step ${step}.`)).toBeVisible();
}

/** Opens the list of what the one kept run was made with. */
async function madeWith(page: Page) {
  await button(page, 'Library').click();
  await library(page).getByText('Made with').click();
  return library(page).getByRole('definition');
}

test('a kept run names program, shaders, adapter and browser; other shaders are said, and it goes on', async ({
  page,
}) => {
  const shaders = '1a2b3c4d'.repeat(8);
  await replay(page, recording, { shaders });
  await page.goto('/');
  await expect(button(page, 'Run')).toBeEnabled();
  await trainTo(page, 1);
  const browser = await page.evaluate(() => navigator.userAgent);
  await expect(await madeWith(page)).toHaveText([/^version \d/, shaders, 'Recorded GPU', browser]);
  await page.keyboard.press('Escape');
  const note = page.getByText(/^The steps so far were made by another version/);
  await expect(note).toBeHidden();

  await replay(page, recording, { shaders: '5e6f7a8b'.repeat(8) });
  await page.reload();
  await button(page, 'Library').click();
  await library(page).getByRole('button', { name: /^Open/ }).click();
  await expect(note).toHaveText(/with shaders 1a2b3c4d… \(here: 5e6f7a8b…\)\. The run can go on/);
  await trainTo(page, 2);
  await expect(await madeWith(page)).toHaveText([
    ...[/^version \d/, 'not recorded, or of several versions', 'Recorded GPU', browser],
  ]);
  await page.keyboard.press('Escape');
  await button(page, 'Reset').click();
  await expect(note).toBeHidden();
});
