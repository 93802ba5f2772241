import { fileURLToPath } from 'node:url';
import { expect, test, type Page } from '@playwright/test';
import { record } from '../visual/recorded';
import { replay } from '../visual/replay';

/**
 * The pictures of README.md and docs/guide.md, compared with the page at every test: what they show is recorded runs that
 * ship with the page, so they are the same everywhere. `npm run picture` takes them again.
 */

const UNSTUCK = fileURLToPath(new URL('unstuck.css', import.meta.url));

/** Plays the recorded run of an experiment to its end. */
async function played(page: Page, link: string, steps: number): Promise<void> {
  await replay(page, record({ steps: 1 }));
  await page.goto(link);
  await page.getByRole('radio', { name: 'Recorded' }).click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText(`step ${steps} of ${steps}`, {
    timeout: 120_000,
  });
  await expect(page.getByRole('button', { name: 'Pause' })).toBeHidden();
  await expect(page.locator('.entropy .plot')).toHaveAttribute('data-points', String(steps));
  await page.evaluate(() => document.fonts.ready);
  await page.mouse.move(0, 0);
}

for (const [name, colorScheme] of [
  ['page', 'light'],
  ['page-dark', 'dark'],
] as const) {
  test(`the page, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await played(page, '/', 24);
    await expect(page).toHaveScreenshot(`${name}.png`);
  });
}

test('entropy against reward', async ({ page }) => {
  await played(page, '/?experiment=off-policy-updates', 40);
  await page.getByLabel('against').selectOption('reward');
  await expect(page.locator('.entropy')).toHaveScreenshot('against-reward.png', {
    stylePath: UNSTUCK,
  });
});

test('what the policies answer, token by token', async ({ page }) => {
  await played(page, '/?experiment=diversity-dies', 120);
  await expect(page.locator('.rollouts')).toHaveScreenshot('rollouts.png', { stylePath: UNSTUCK });
});

test('how good, how diverse, how sure', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 1600 });
  await played(page, '/?experiment=diversity-dies', 120);
  await page.getByRole('button', { name: /^Held-out/ }).click();
  await expect(page.getByRole('figure', { name: /^Calibration/ })).toBeVisible();
  await expect(page.locator('#evaluation')).toHaveScreenshot('held-out.png', {
    stylePath: UNSTUCK,
  });
});

test('a lesson asks first', async ({ page }) => {
  await replay(page, record({ steps: 1 }));
  await page.goto('/?lesson=off-policy');
  const lessons = page.getByRole('complementary', { name: 'Lessons' });
  await expect(lessons.getByRole('button', { name: 'Begin' })).toBeVisible();
  await expect(page.locator('.rollouts')).toContainText('correct');
  await page.evaluate(() => document.fonts.ready);
  await expect(page).toHaveScreenshot('lesson.png');
});
