import { expect, test, type Locator, type Page } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

const STEPS = 12;
const SEEDS = [0, 1, 2];
const recording = record({ steps: STEPS, seeds: SEEDS });

// Charts out of sight stand still while the pointer moves.
test.use({ viewport: { width: 1280, height: 1400 } });

test.beforeEach(async ({ page }) => {
  await replay(page, recording);
  await page.goto('/');
  const run = page.getByRole('button', { name: 'Run', exact: true });
  await expect(run).toBeEnabled();
  await page.getByLabel('Seeds').fill(SEEDS.join(', '));
  await page.getByLabel('Seeds').press('Enter');
  await expect(run).toBeEnabled();
  await run.click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of 24`);
  await expect(entropy(page).locator('.plot')).toHaveAttribute('data-points', String(STEPS));
});

const entropy = (page: Page): Locator => page.getByRole('figure', { name: /^Entropy nats/ });
const seeds = (page: Page): Locator => entropy(page).locator('path.seed');

/** The colours of the single seeds that are drawn. */
const colours = (page: Page) =>
  seeds(page).evaluateAll((paths) => paths.map((path) => path.getAttribute('stroke')));

/** A place on the page where nothing lies over the path. */
function bare(path: Locator): Promise<{ x: number; y: number }> {
  return path.evaluate((element) => {
    const curve = element as unknown as SVGPathElement;
    const toScreen = curve.getScreenCTM();
    if (toScreen === null) throw new Error('the curve is not drawn');
    const length = curve.getTotalLength();
    for (let share = 0.05; share < 1; share += 0.01) {
      const { x, y } = curve.getPointAtLength(length * share).matrixTransform(toScreen);
      if (document.elementFromPoint(x, y) === curve) return { x, y };
    }
    throw new Error('the curve is covered everywhere');
  });
}

const threeOf = (colour: number) => SEEDS.map(() => `var(--arm-${colour})`);

test('the arm under the pointer shows its seeds one by one, and the chosen arm when it has left', async ({
  page,
}) => {
  await expect.poll(() => colours(page)).toEqual(threeOf(0));
  const { x, y } = await bare(entropy(page).locator('path.curve').nth(2));
  await page.mouse.move(x, y);
  await expect.poll(() => colours(page)).toEqual(threeOf(2));
  // Three different curves, none of which is their mean.
  const drawn = await entropy(page)
    .locator('path.seed, path.curve[stroke="var(--arm-2)"]')
    .evaluateAll((paths) => paths.map((path) => path.getAttribute('d')));
  expect(new Set(drawn).size).toBe(SEEDS.length + 1);
  await page.mouse.move(0, 0);
  await expect.poll(() => colours(page)).toEqual(threeOf(0));
  await page.getByRole('radio', { name: 'λ 0.5' }).check();
  await expect.poll(() => colours(page)).toEqual(threeOf(1));
});

test('the band is as good as the curve, and all charts in sight follow', async ({ page }) => {
  const reward = page.getByRole('figure', { name: /^Reward/ }).locator('path.seed');
  await expect(reward).toHaveCount(SEEDS.length);
  const { x, y } = await bare(entropy(page).locator('path.band').nth(2));
  await page.mouse.move(x, y);
  await expect.poll(() => colours(page)).toEqual(threeOf(2));
  await expect(reward.first()).toHaveAttribute('stroke', 'var(--arm-2)');
});
