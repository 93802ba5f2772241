import { expect, test, type Page } from '@playwright/test';
import { axe } from './axe';
import { record } from './recorded';
import { replay, withoutWebGPU } from './replay';

/** What opens over the page, and what stands in the place of a part that failed, breaks no accessibility rule. */

const STEPS = 4;
const recording = record({ steps: STEPS });

async function expectAccessible(page: Page, selector: string): Promise<void> {
  await expect(page.locator(selector).first()).toBeVisible();
  const { violations, passes } = await axe(page).include(selector).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  expect(passes.length).toBeGreaterThan(0);
}

/** The whole page with what is open over it. */
async function expectPageAccessible(page: Page): Promise<void> {
  const { violations } = await axe(page).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

async function trained(page: Page): Promise<void> {
  await replay(page, recording);
  await page.goto('/');
  const run = page.getByRole('button', { name: 'Run', exact: true });
  await expect(run).toBeEnabled();
  await run.click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of 24`);
  await expect(page.getByText(`Saved at step ${STEPS}.`)).toBeVisible();
}

for (const [size, viewport, colorScheme] of [
  ['wide, light', { width: 1280, height: 800 }, 'light'],
  ['narrow, dark', { width: 390, height: 844 }, 'dark'],
] as const) {
  test.describe(size, () => {
    test.use({ viewport, colorScheme });

    test('the settings of the charts', async ({ page }) => {
      await trained(page);
      await page.getByRole('button', { name: 'Chart settings' }).click();
      const panel = page.getByRole('dialog', { name: 'Chart settings' });
      await expectAccessible(page, '.chart-settings');
      await panel.getByLabel('from step').fill('40');
      await expect(panel.getByRole('alert')).toBeVisible();
      await expectAccessible(page, '.chart-settings');
      await expectPageAccessible(page);
    });

    test('the menu of an arm, with its colours', async ({ page }) => {
      await trained(page);
      await page.getByRole('button', { name: 'Menu of GRPO', exact: true }).click();
      await expectAccessible(page, '[role="menu"]');
      await page.getByRole('menuitem', { name: 'Colour' }).focus();
      await page.keyboard.press('ArrowRight');
      await expect(page.getByRole('menuitemradio')).toHaveCount(8);
      await expectAccessible(page, '[role="menu"]');
    });

    test('the menu of a chart', async ({ page }) => {
      await trained(page);
      await page.getByRole('button', { name: 'Menu of Entropy', exact: true }).click();
      await expect(page.getByRole('menuitem')).toHaveCount(4);
      await expectAccessible(page, '[role="menu"]');
    });

    test('the page while a menu is open', async ({ page }) => {
      await trained(page);
      await page.getByRole('button', { name: 'Menu of GRPO', exact: true }).click();
      await expect(page.getByRole('menu')).toBeVisible();
      await expectPageAccessible(page);
    });

    test('the question before a run is deleted', async ({ page }) => {
      await trained(page);
      await page.getByRole('button', { name: 'Library', exact: true }).click();
      await page.getByRole('button', { name: /^Delete/ }).click();
      const question = page.getByRole('alertdialog', { name: /^Delete “/ });
      await expect(question).toHaveAccessibleDescription(/up to step 4 are removed/);
      await expect(question.getByRole('button', { name: 'Keep it' })).toBeFocused();
      await expectAccessible(page, '[role="alertdialog"]');
    });

    test('a part that could not be fetched, in its place and over the page', async ({ page }) => {
      await withoutWebGPU(page);
      await page.route(/SoftmaxPanel|KernelsDrawer/, (route) => route.abort());
      await page.goto('/');
      await expect(page.getByText('One softmax could not be fetched')).toBeVisible();
      await expectAccessible(page, '.part-failed');
      await page.getByRole('button', { name: 'Kernels', exact: true }).click();
      await expect(page.getByText('The kernels could not be fetched')).toBeVisible();
      await expectAccessible(page, '.part-failed[data-floats="true"]');
      await expectPageAccessible(page);
    });

    test('a part that failed while it was drawn, with its details', async ({ page }) => {
      await withoutWebGPU(page);
      await page.addInitScript(() => {
        const original = matchMedia.bind(globalThis);
        globalThis.matchMedia = (asked) => {
          if (asked === '(max-width: 640px)') throw new Error(`made to fail ${'x'.repeat(300)}`);
          return original(asked);
        };
      });
      await page.goto('/');
      const failed = page.getByRole('alert').filter({ hasText: 'failed: our mistake.' });
      await expect(failed).toBeVisible();
      await expectPageAccessible(page);
      await failed.getByText('Technical details').click();
      await expect(failed.getByText('made to fail')).toBeVisible();
      const wider = () => document.documentElement.scrollWidth - window.innerWidth;
      expect(await page.evaluate(wider)).toBeLessThanOrEqual(0);
      await expectAccessible(page, '.part-failed');
    });
  });
}
