import { expect, test, type Page } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

/** Every view that the page can open over itself or unfold, as it looks: wide and light, narrow and dark. */

const recording = record({ steps: 8, looks: true });

async function trained(page: Page): Promise<void> {
  // Times are told in words.
  await page.clock.setFixedTime(new Date('2026-11-21T12:00:00Z'));
  await replay(page, recording);
  await page.goto('/');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText('step 8 of 24');
  await expect(page.locator('.entropy .plot')).toHaveAttribute('data-points', '8');
  await page.evaluate(() => document.fonts.ready);
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

interface View {
  readonly name: string;
  readonly open: (page: Page) => Promise<void>;
  /** What is compared. */
  readonly part: string;
}

const VIEWS: readonly View[] = [
  {
    name: 'library',
    open: async (page) => {
      await press(page, 'Library');
      await expect(page.getByRole('dialog').getByRole('listitem')).toHaveCount(1);
    },
    part: '[role="dialog"]',
  },
  { name: 'fork', open: (page) => press(page, 'Fork…'), part: '[role="dialog"]' },
  { name: 'compare', open: (page) => press(page, 'Compare arms…'), part: '[role="dialog"]' },
  { name: 'commands', open: (page) => press(page, 'Commands'), part: '[role="dialog"]' },
  {
    name: 'recipe',
    open: async (page) => {
      await press(page, 'Menu of λ 0.5');
      await page.getByRole('menuitem', { name: 'Settings…' }).click();
    },
    part: '[role="dialog"]',
  },
  {
    name: 'full-screen',
    open: async (page) => {
      await press(page, 'Menu of Reward');
      await page.getByRole('menuitem', { name: 'Full screen' }).click();
    },
    part: '[role="dialog"]',
  },
  {
    name: 'formula',
    open: async (page) => {
      await page.locator('#formula').getByRole('radio', { name: 'Ratio' }).first().click();
    },
    part: '#formula',
  },
];

for (const [size, viewport, colorScheme] of [
  ['wide-light', { width: 1280, height: 800 }, 'light'],
  ['narrow-dark', { width: 390, height: 844 }, 'dark'],
] as const) {
  test.describe(size, () => {
    test.use({ viewport, colorScheme });

    for (const { name, open, part } of VIEWS) {
      test(name, async ({ page }) => {
        await trained(page);
        await open(page);
        await page.mouse.move(0, 0);
        const view = page.locator(part).first();
        await expect(view).toBeVisible();
        // How much room there is depends on the disk.
        const mask = [page.getByText(/^\d+ runs?\. This site uses/)];
        await expect(view).toHaveScreenshot(`${name}-${size}.png`, { mask });
      });
    }
  });
}
