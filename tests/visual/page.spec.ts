import { expect, test, type Page } from '@playwright/test';
import { axe } from './axe';
import { record } from './recorded';
import { replay, withoutWebGPU } from './replay';

const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } } as const;
const SCHEMES = ['light', 'dark'] as const;
const CHANGED_AT = 6;

const chain = record({ steps: 24 });
const maze = record({ steps: 14, software: true });
const guided = record({ steps: 14, experiment: 'par-saturates' });

/** Opens the page; it is ready when the first rollouts and all charts are drawn. */
async function open(page: Page, link = '/'): Promise<void> {
  await page.goto(link);
  await expect(page.getByRole('button', { name: 'Run' })).toBeEnabled();
  await expect(page.locator('.recharts-surface')).toHaveCount(4);
  await page.evaluate(() => document.fonts.ready);
}

/** Trains a few steps, turns the second arm's weight up, and trains to the end of the recording. */
async function train(page: Page, steps: number): Promise<void> {
  const status = page.getByRole('status');
  for (let step = 1; step <= CHANGED_AT; step++) {
    await page.getByRole('button', { name: 'Step' }).click();
    await expect(status).toHaveText(`step ${step} of 24`);
  }
  await page.getByRole('radio', { name: 'λ 0.5' }).check();
  await page.getByRole('slider', { name: 'Positive-advantage weight' }).focus();
  for (let press = 0; press < 4; press++) await page.keyboard.press('ArrowRight');
  await page.getByRole('button', { name: 'Run' }).click();
  await expect(status).toHaveText(`step ${steps} of 24`);
  await expect(page.locator('.entropy .plot')).toHaveAttribute('data-points', String(steps));
  await expect(page.getByText(`at step ${steps}:`)).toBeVisible();
  await rest(page);
}

/** Nothing under the pointer, nothing in focus, at the top of the page. */
async function rest(page: Page): Promise<void> {
  await page.mouse.move(0, 0);
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    scrollTo(0, 0);
  });
}

async function expectNoViolations(page: Page): Promise<void> {
  const { violations } = await axe(page).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const scheme of SCHEMES) {
    test.describe(`${size}, ${scheme}`, () => {
      test.use({ viewport, colorScheme: scheme });

      test('trained on chains', async ({ page }) => {
        await replay(page, chain);
        await open(page);
        await train(page, 24);
        await expect(page).toHaveScreenshot(`chain-${size}-${scheme}.png`, { fullPage: true });
        if ((size === 'wide') === (scheme === 'light')) await expectNoViolations(page);
        const overflow = () => document.documentElement.scrollWidth - window.innerWidth;
        expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
      });
    });
  }
}

for (const [size, scheme] of [
  ['wide', 'light'],
  ['narrow', 'dark'],
] as const) {
  test.describe(`${size}, ${scheme}`, () => {
    test.use({ viewport: SIZES[size], colorScheme: scheme });

    test('an experiment of the catalogue, its λ pinned', async ({ page }) => {
      await replay(page, guided);
      await open(page, '/?experiment=par-saturates');
      await page.getByRole('radio', { name: 'target 0.35' }).check();
      await page.getByRole('button', { name: 'Run' }).click();
      await expect(page.getByText(/^λ is pinned at 0 and entropy is still below/)).toBeVisible();
      await expect(page.locator('.entropy .plot')).toHaveAttribute('data-points', '14');
      await rest(page);
      await expect(page).toHaveScreenshot(`guided-${size}-${scheme}.png`, { fullPage: true });
      await expectNoViolations(page);
      const overflow = () => document.documentElement.scrollWidth - window.innerWidth;
      expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
    });
  });
}

test('mazes on a software adapter', async ({ page }) => {
  await replay(page, maze);
  await open(page);
  await expect(page.getByText('software adapter: smaller default')).toBeVisible();
  await expect(page.getByRole('img', { name: /^Maze 4 by 4/ }).first()).toBeVisible();
  const rollouts = page.getByRole('region', { name: 'Rollouts now' });
  await expect(rollouts).toHaveScreenshot('maze-rollouts.png');
});

test('everything open', async ({ page }) => {
  await replay(page, chain);
  await open(page);
  await train(page, 24);
  await page.getByRole('button', { name: 'Show data' }).first().click();
  await page.getByRole('button', { name: /^More settings/ }).click();
  await page.getByLabel('against').selectOption('reward');
  await page.getByLabel('up to ln V').check();
  await expectNoViolations(page);
});

test('without WebGPU the page reads, and plays the recorded run of what it opens with', async ({
  page,
}) => {
  await withoutWebGPU(page);
  await page.goto('/');
  await expect(page.getByRole('alert')).toContainText('This browser has no WebGPU');
  await expect(page.getByRole('radio', { name: 'Recorded' })).toBeChecked();
  await expect(page.getByRole('button', { name: 'Run' })).toBeEnabled();
  await expect(page.getByText('at step 1:')).toBeVisible();
  await expect(page.getByRole('table', { name: 'Arms' }).getByRole('row')).toHaveCount(5);
  await expect(page.locator('.recharts-surface')).toHaveCount(4);
  await page.evaluate(() => document.fonts.ready);
  await expect(page).toHaveScreenshot('no-webgpu.png');
  await expectNoViolations(page);
});

test('without WebGPU experiments can be read', async ({ page }) => {
  await withoutWebGPU(page);
  await page.goto('/?experiment=who-drives');
  await expect(page.getByRole('heading', { name: /^Which tokens drive/ })).toBeVisible();
  await page.getByRole('combobox', { name: 'Experiment' }).selectOption('PAR saturates');
  await expect(page.getByRole('table', { name: 'Arms' }).getByRole('row')).toHaveCount(3);
  await expect(page.getByRole('status')).toHaveText('step 0 of 40');
  await expect(page.getByRole('alert')).toContainText('This browser has no WebGPU');
});

test('a failure of the worker gets its own words', async ({ page }) => {
  await replay(page, chain, { failure: { kind: 'noAdapter' } });
  await page.goto('/');
  await expect(page.getByRole('alert')).toContainText('No graphics adapter is available');
  await expect(page.getByRole('radio', { name: 'Live' })).toBeDisabled();
});
