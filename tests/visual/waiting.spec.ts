import { expect, test } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

/** The page before its GPU has answered, or where it never does. */

const recording = record({ steps: 2 });

test('before the GPU answers there is a page: what it is, lessons, shaders, the library', async ({
  page,
}) => {
  await replay(page, recording, { silentAfter: 'start' });
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'RLVR Playground' })).toBeVisible();
  await expect(page.getByText('looking for a GPU')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeDisabled();
  await page.screenshot({ path: 'test-results/waiting-no-answer.png', fullPage: true });

  await page.getByRole('button', { name: 'Kernels', exact: true }).click();
  const drawer = page.getByRole('dialog', { name: 'Kernels' });
  await expect(drawer.getByRole('region', { name: 'Source of policy_loss' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Library', exact: true }).click();
  await expect(page.getByText(/^No run is kept yet\./)).toBeVisible();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Lessons', exact: true }).click();
  const lessons = page.getByRole('complementary', { name: 'Lessons' });
  await expect(lessons.getByRole('listitem').nth(9)).toBeVisible();
  await lessons.getByRole('listitem').first().getByRole('button').click();
  await expect(lessons.getByRole('radio').first()).toBeEnabled();
});

test('while the GPU prepares the recorded run plays, with its rollouts', async ({ page }) => {
  await replay(page, recording, { silentAfter: 'adapter' });
  await page.goto('/');
  await expect(page.getByText('preparing', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeDisabled();
  await expect(page.getByRole('table', { name: 'Arms' }).getByRole('radio')).toHaveCount(4);

  await page.getByRole('radio', { name: 'Recorded' }).click();
  const rollouts = page.locator('section.rollouts');
  await expect(rollouts.getByRole('toolbar').first()).toBeVisible();
  const run = page.getByRole('button', { name: 'Run', exact: true });
  await expect(run).toBeEnabled();
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText('step 1 of 24');
  await page.getByRole('button', { name: 'More charts' }).click();
  await expect(page.getByRole('figure', { name: /^Gradient norm/ })).toBeVisible();
  await page.screenshot({ path: 'test-results/waiting-recorded.png' });

  // Back to training: it waits for the GPU again.
  await page.getByRole('radio', { name: 'Live' }).click();
  await expect(run).toBeDisabled();
  await expect(page.getByRole('status')).toHaveText('step 0 of 24');
});
