import { expect, test, type Locator, type Page } from '@playwright/test';
import { axe } from './axe';
import { record } from './recorded';
import { replay, withoutWebGPU } from './replay';

const PHONE = { width: 390, height: 844 };
const recording = record({ steps: 24 });

async function open(page: Page, link = '/'): Promise<void> {
  await page.goto(link);
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
  await page.evaluate(() => document.fonts.ready);
}

const slider = (page: Page) => page.getByRole('slider', { name: 'Positive-advantage weight' });
const question = (page: Page) => page.getByRole('heading', { name: /^Which answers cost entropy/ });

async function top(place: Locator): Promise<number> {
  return (await place.boundingBox())!.y;
}

test.describe('on a phone', () => {
  test.use({ viewport: PHONE });
  test.beforeEach(async ({ page }) => {
    await replay(page, recording);
    await open(page);
  });

  test('the question, Run, the curve and the slider come first, for eyes and for the keyboard', async ({
    page,
  }) => {
    const places = [
      page.getByRole('combobox', { name: 'Experiment' }),
      question(page),
      page.getByRole('group', { name: 'Training', exact: true }),
      page.getByRole('figure', { name: /^Entropy/ }),
      slider(page),
      page.getByRole('table', { name: 'Arms' }),
      page.getByRole('figure', { name: /^Reward/ }),
      page.getByRole('heading', { name: 'Rollouts now' }),
    ];
    const tops = await Promise.all(places.map(top));
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
    for (const [i, place] of places.slice(1).entries()) {
      const before = await places[i].elementHandle();
      const follows = await place.evaluate(
        (element, other) =>
          (element.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_PRECEDING) !== 0,
        before,
      );
      expect(follows).toBe(true);
    }
    // One and a half screens: the curve and the slider are seen together.
    expect(tops[4] - tops[3]).toBeLessThan(PHONE.height * 0.75);
    const overflow = () => document.documentElement.scrollWidth - window.innerWidth;
    expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
  });

  test('the prediction is one press away', async ({ page }) => {
    const prediction = page.getByText(/^With 16 updates a step, after the paper/);
    await expect(prediction).toBeHidden();
    await page.getByText('Prediction and what to look at').click();
    await expect(prediction).toBeVisible();
  });

  test('what is jumped to is not under the transport', async ({ page }) => {
    await page.getByRole('link', { name: /^What λ does to it/ }).click();
    const heading = page.getByRole('heading', { name: 'What you are looking at' });
    await expect(heading).toBeInViewport();
    const bar = (await page.getByRole('group', { name: 'Training', exact: true }).boundingBox())!;
    expect(await top(heading)).toBeGreaterThanOrEqual(bar.y + bar.height);
  });
});

test('the experiment that the page opens with says what it is for, also as a recorded run', async ({
  page,
}) => {
  await withoutWebGPU(page);
  await page.goto('/');
  await expect(question(page)).toBeVisible();
  await expect(page.getByText(/^With 16 updates a step, after the paper/)).toBeVisible();
  await page.getByText('What we found').click();
  await expect(page.getByText(/^One seed, recorded\./)).toBeVisible();
  await expect(page.getByText(/independent implementation/)).toHaveCount(0);
  const { violations } = await axe(page).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
});

test('the slider says whose it is and what the other sign keeps', async ({ page }) => {
  await replay(page, recording);
  await open(page);
  const weight = page.getByRole('region', { name: 'Positive-advantage weight' });
  await weight.getByRole('combobox', { name: 'The slider’s arm' }).selectOption('positives only');
  await expect(page.getByRole('radio', { name: 'positives only' })).toBeChecked();
  await expect(weight.getByText('good responses× 1')).toBeVisible();
  await expect(weight.getByText('bad responses× 0')).toBeVisible();
  await expect(
    page.getByText('Bad ones count × 0 in positives only, × 1 in the others.'),
  ).toBeVisible();
});

test('a link that hides the choice of experiment still opens the one it names', async ({
  page,
}) => {
  await replay(page, recording);
  await open(page, '/?experiment=who-drives&hide=experiment');
  await expect(
    page.getByRole('heading', { name: /^Which tokens drive the collapse/ }),
  ).toBeVisible();
  await expect(page.getByRole('status')).toHaveText('step 0 of 24');
});
