import { expect, test, type Locator, type Page } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

const STEPS = 12;
const SEEDS = [0, 1];
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

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Places on the page along a path. */
function along(path: Locator): Promise<Point[]> {
  return path.evaluate((element) => {
    const curve = element as unknown as SVGPathElement;
    const toScreen = curve.getScreenCTM();
    if (toScreen === null) throw new Error('the curve is not drawn');
    const length = curve.getTotalLength();
    return Array.from({ length: 60 }, (_, i) => {
      const { x, y } = curve.getPointAtLength((length * (30 + i)) / 100).matrixTransform(toScreen);
      return { x, y };
    });
  });
}

/** A place where nothing lies over the element, nor so many pixels above and below. */
async function bare(element: Locator, places: readonly Point[], margin: number): Promise<Point> {
  const found = await element.evaluate(
    (own, given) =>
      given.places.find(({ x, y }) =>
        [-given.margin, 0, given.margin].every(
          (off) => document.elementFromPoint(x, y + off) === own,
        ),
      ),
    { places, margin },
  );
  if (found === undefined) throw new Error('it is covered everywhere');
  return found;
}

/** A place in the band beside its curve. */
async function inBand(page: Page, arm: number): Promise<Point> {
  const curve = await along(entropy(page).locator('path.curve').nth(arm));
  const beside = [-3, 3, -4, 4, -5, 5].flatMap((off) =>
    curve.map(({ x, y }) => ({ x, y: y + off })),
  );
  return bare(entropy(page).locator('path.band').nth(arm), beside, 1);
}

async function onCurve(page: Page, arm: number): Promise<Point> {
  const curve = entropy(page).locator('path.curve').nth(arm);
  return bare(curve, await along(curve), 0);
}

const both = (colour: number) => SEEDS.map(() => `var(--arm-${colour})`);

test('the arm under the pointer shows its seeds one by one, and the chosen arm when it has left', async ({
  page,
}) => {
  await expect.poll(() => colours(page)).toEqual(both(0));
  const { x, y } = await onCurve(page, 2);
  await page.mouse.move(x, y);
  await expect.poll(() => colours(page)).toEqual(both(2));
  // Different curves, none of which is their mean.
  const drawn = await entropy(page)
    .locator('path.seed, path.curve[stroke="var(--arm-2)"]')
    .evaluateAll((paths) => paths.map((path) => path.getAttribute('d')));
  expect(new Set(drawn).size).toBe(SEEDS.length + 1);
  await page.mouse.move(0, 0);
  await expect.poll(() => colours(page)).toEqual(both(0));
  await page.getByRole('radio', { name: 'λ 0.5' }).check();
  await expect.poll(() => colours(page)).toEqual(both(1));
});

test('the band is as good as the curve, and all charts in sight follow', async ({ page }) => {
  const reward = page.getByRole('figure', { name: /^Reward/ }).locator('path.seed');
  await expect(reward).toHaveCount(SEEDS.length);
  const { x, y } = await inBand(page, 2);
  await page.mouse.move(x, y);
  await expect.poll(() => colours(page)).toEqual(both(2));
  await expect(reward.first()).toHaveAttribute('stroke', 'var(--arm-2)');
  expect(await colours(page)).toEqual(both(2));
});

test('the pointer on a single seed is still on its arm', async ({ page }) => {
  const { x, y } = await onCurve(page, 2);
  await page.mouse.move(x, y);
  await expect.poll(() => colours(page)).toEqual(both(2));
  await entropy(page)
    .locator('.plot')
    .evaluate((plot) => {
      const others: string[] = [];
      Object.assign(window, { others });
      new MutationObserver(() => {
        for (const seed of plot.querySelectorAll('path.seed')) {
          const stroke = seed.getAttribute('stroke') ?? '';
          if (stroke !== 'var(--arm-2)') others.push(stroke);
        }
      }).observe(plot, { subtree: true, childList: true, attributes: true });
    });
  for (const place of await along(seeds(page).first())) await page.mouse.move(place.x, place.y);
  await expect(entropy(page).locator('.hover-layer')).toBeVisible();
  const seen = await page.evaluate(
    () =>
      new Promise<string[]>((told) => {
        const { others } = window as unknown as { others: string[] };
        requestAnimationFrame(() => requestAnimationFrame(() => told(others)));
      }),
  );
  expect(seen).toEqual([]);
});
