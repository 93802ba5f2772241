import { expect, test, type Page } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

const recording = record({ steps: 6 });

async function trained(page: Page): Promise<void> {
  await replay(page, recording);
  await page.goto('/');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText('step 6 of 24');
}

const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

for (const [name, viewport] of [
  ['a projector', { width: 1920, height: 1080 }],
  ['a tablet', { width: 820, height: 1180 }],
  ['a small phone', { width: 320, height: 640 }],
] as const) {
  test(`the page fits ${name}`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await trained(page);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await expect(page.getByRole('figure', { name: /^Entropy/ }).first()).toBeVisible();
    await expect(page.getByRole('slider', { name: 'Positive-advantage weight' })).toBeVisible();
  });
}

test('text twice as large makes the page longer, not wider', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await trained(page);
  await page.evaluate(() => {
    document.documentElement.style.fontSize = '200%';
  });
  expect(await overflow(page)).toBeLessThanOrEqual(0);
});

/** The longest transition or animation of anything on the page, in seconds. */
const slowest = (page: Page) =>
  page.evaluate(() => {
    const seconds = (text: string) => Math.max(...text.split(',').map((part) => parseFloat(part)));
    return Math.max(
      ...[...document.querySelectorAll('*')].flatMap((element) =>
        [null, '::before', '::after'].map((part) => {
          const style = getComputedStyle(element, part);
          return Math.max(seconds(style.transitionDuration), seconds(style.animationDuration));
        }),
      ),
    );
  });

test('motion is short, and none where the visitor wants none', async ({ page }) => {
  await trained(page);
  expect(await slowest(page)).toBeLessThan(0.02);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  const moving = await slowest(page);
  expect(moving).toBeGreaterThan(0.05);
  expect(moving).toBeLessThanOrEqual(0.5);
});
