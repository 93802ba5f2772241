import { expect, test, type Page } from '@playwright/test';
import { axe } from './axe';
import { record } from './recorded';
import { replay, withoutWebGPU } from './replay';

const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } } as const;
const recording = record({ steps: 24 });

async function open(page: Page, link = '/'): Promise<void> {
  await page.goto(link);
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
  await page.evaluate(() => document.fonts.ready);
}

async function expectNoViolations(page: Page): Promise<void> {
  const { violations } = await axe(page).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const overflow = () => document.documentElement.scrollWidth - window.innerWidth;
  expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
}

const panel = (page: Page) => page.getByRole('complementary', { name: 'Lessons' });
const query = (page: Page) => new URL(page.url()).searchParams;

test.describe('a lesson', () => {
  test.beforeEach(async ({ page }) => {
    await replay(page, recording);
  });

  test('asks first, drives the page, and reads the answer off the record', async ({ page }) => {
    await open(page);
    await page.getByRole('button', { name: 'Lessons', exact: true }).click();
    await expect(panel(page).getByRole('heading', { name: /^\d+ lessons$/ })).toBeFocused();
    await panel(page)
      .getByRole('button', { name: /More updates a step/ })
      .click();
    expect(query(page).get('lesson')).toBe('off-policy');
    const begin = panel(page).getByRole('button', { name: 'Begin' });
    await expect(begin).toBeDisabled();
    await panel(page).getByRole('radio', { name: 'Entropy falls further.' }).check();
    await begin.click();
    await expect(panel(page).getByRole('heading', { name: 'Part 1 of 3' })).toBeFocused();
    // The arms on the page are those of another experiment.
    await expect(page.locator('[data-looked-at]')).toHaveCount(0);
    await panel(page)
      .getByRole('button', { name: /open the experiment/ })
      .click();
    await expect(page.getByRole('table', { name: 'Arms' })).toHaveAttribute('data-looked-at');
    await expect(page.getByRole('combobox', { name: 'Experiment' })).toHaveValue(
      'off-policy-updates',
    );
    expect(query(page).get('lesson')).toBe('off-policy');
    await panel(page).getByRole('button', { name: 'Next', exact: true }).click();
    await panel(page)
      .getByRole('button', { name: /play the recorded run/ })
      .click();
    await expect(page.getByRole('status')).toHaveText('step 40 of 40');
    await panel(page).getByRole('button', { name: 'Next', exact: true }).click();
    await panel(page)
      .getByRole('button', { name: /by updates/ })
      .click();
    await expect(page.getByLabel('against')).toHaveValue('updates');
    await panel(page).getByRole('button', { name: 'Next', exact: true }).click();

    await expect(panel(page).getByText('It came out as you predicted.')).toBeVisible();
    await expect(
      panel(page)
        .getByText(/^agrees: \+\d.* nats, 3 of 3 seeds \(d_z \+[\d.]+, p 0\.25\)$/)
        .first(),
    ).toBeVisible();
    await expect(page.locator('[data-looked-at]')).toHaveCount(0);
    await expectNoViolations(page);

    await panel(page).getByRole('button', { name: 'All lessons' }).click();
    await expect(panel(page).getByText('1 of 18 read.')).toBeVisible();
    expect(query(page).get('lesson')).toBeNull();
    await page.keyboard.press('Escape');
    await expect(panel(page)).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Lessons', exact: true })).toBeFocused();
    await page.reload();
    await page.getByRole('button', { name: 'Lessons', exact: true }).click();
    await expect(panel(page).getByText('1 of 18 read.')).toBeVisible();
  });

  test('can be opened by its link, which keeps the experiment’s, and starts nothing', async ({
    page,
  }) => {
    await open(page, '/?experiment=who-drives&lesson=who-drives');
    await expect(panel(page).getByText(/^One arm learns from good responses only/)).toBeVisible();
    await expect(page.getByRole('combobox', { name: 'Experiment' })).toHaveValue('who-drives');
    await expect(page.getByRole('status')).toHaveText('step 0 of 24');
    await panel(page).getByRole('button', { name: 'Close lessons' }).click();
    expect(query(page).get('lesson')).toBeNull();
    expect(query(page).get('experiment')).toBe('who-drives');
  });

  test('that does not exist is refused by name', async ({ page }) => {
    await open(page, '/?lesson=nowhere');
    await expect(panel(page).getByText('There is no lesson "nowhere".')).toBeVisible();
  });

  test('whose run is not recorded says so', async ({ page }) => {
    await page.route('**/runs/*.json', (route) => route.fulfill({ status: 404 }));
    await open(page, '/?lesson=off-policy');
    const missing = panel(page).getByText('There is no recorded run of this experiment yet.');
    await expect(missing).toBeVisible();
    await expect(
      panel(page).getByText(/5 arms × 40 steps at one seed, about 3 minutes without/),
    ).toBeVisible();
    await panel(page).getByRole('radio', { name: 'Entropy falls further.' }).check();
    await panel(page).getByRole('button', { name: 'Begin' }).click();
    await panel(page).getByRole('button', { name: 'Next', exact: true }).click();
    await panel(page)
      .getByRole('button', { name: /^Not recorded: open the experiment/ })
      .click();
    await expect(page.getByRole('combobox', { name: 'Experiment' })).toHaveValue(
      'off-policy-updates',
    );
    await expect(page.getByRole('status')).toHaveText('step 0 of 40');
    await panel(page).getByRole('button', { name: 'Next', exact: true }).click();
    await panel(page).getByRole('button', { name: 'Next', exact: true }).click();
    await expect(panel(page).getByText('Nobody has measured it yet.')).toBeVisible();
    await expect(missing).toBeVisible();
    await expect(panel(page).getByText('Its experiment is open: press Run.')).toBeVisible();
  });

  test('whose record cannot be fetched says that, and asks for it again', async ({ page }) => {
    let reachable = false;
    await page.route('**/runs/*.json', (route) => (reachable ? route.fallback() : route.abort()));
    await open(page, '/?lesson=off-policy');
    const failed = panel(page).getByText(
      'The recorded run could not be loaded: the site does not answer.',
    );
    await expect(failed).toBeVisible();
    await expect(panel(page).getByText('There is no recorded run')).toHaveCount(0);
    reachable = true;
    await panel(page).getByRole('button', { name: 'Try again' }).press('Enter');
    await expect(failed).toHaveCount(0);
    await expect(panel(page).getByRole('heading', { level: 2 })).toBeFocused();
  });

  test('points at a term of the loss', async ({ page }) => {
    await open(page, '/?lesson=clip-selects');
    await panel(page).getByRole('radio', { name: 'Yes, at every update.' }).check();
    await panel(page).getByRole('button', { name: 'Begin' }).click();
    await panel(page).getByRole('button', { name: 'Show me the term' }).click();
    const loss = page.getByRole('region', { name: 'The loss, term by term' });
    await expect(loss.getByRole('radio', { name: 'Lower bound of the ratio' })).toBeChecked();
    await expect(loss.getByRole('heading', { name: /^Lower bound of the ratio/ })).toBeInViewport();
  });
});

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`beside or below the page, ${size}, nothing is covered`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await replay(page, recording);
    await open(page, '/?lesson=entropy-collapse');
    await expect(panel(page).getByText(/^A policy learns sums/)).toBeVisible();
    await expectNoSidewaysScroll(page);
    await expectNoViolations(page);
    const box = await panel(page).boundingBox();
    const foot = page.getByText('Everything runs in this tab');
    await foot.scrollIntoViewIfNeeded();
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    const last = await foot.boundingBox();
    if (size === 'wide') expect(last!.x + last!.width).toBeLessThanOrEqual(box!.x);
    else {
      expect(box!.height).toBeLessThanOrEqual(0.45 * viewport.height + 1);
      expect(last!.y + last!.height).toBeLessThanOrEqual(box!.y);
      await panel(page).getByRole('button', { name: 'Fold', exact: true }).click();
      await expect(panel(page).getByText(/^A policy learns sums/)).toBeHidden();
    }
  });
}

test.describe('a teacher’s link', () => {
  test.beforeEach(async ({ page }) => {
    await replay(page, recording);
  });

  test('hides, locks and asks; what it does not know it says', async ({ page }) => {
    await open(page, '/?hide=rollouts,reading,nonsense&lock=1&ask=Which%20arm%3F');
    const note = page.getByRole('region', { name: 'From your teacher' });
    await expect(note).toContainText('Which arm?');
    await expect(note).toContainText('hides: rollouts, what you are looking at');
    await expect(note).toContainText('"nonsense", which is no part of this page');
    await expect(page.getByRole('heading', { name: 'What you are looking at' })).toHaveCount(0);
    await expect(page.getByRole('heading', { name: 'One softmax' })).toBeVisible();
    const slider = page.locator('[role="slider"][aria-label="Positive-advantage weight"]');
    const before = await slider.getAttribute('aria-valuenow');
    await slider.evaluate((element) => element.focus());
    await page.keyboard.press('End');
    await expect(slider).toHaveAttribute('aria-valuenow', before ?? '');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await expect(page.getByRole('status')).toHaveText('step 24 of 24');
    await expectNoViolations(page);
  });

  test('is built in the panel', async ({ page }) => {
    await open(page, '/?lesson=rollouts');
    await panel(page).getByRole('button', { name: 'Teacher’s link' }).click();
    await panel(page).getByRole('checkbox', { name: 'Rollouts' }).check();
    await panel(page).getByRole('checkbox', { name: 'Lock the settings' }).check();
    await panel(page).getByRole('textbox', { name: 'Question for the class' }).fill('Why so?');
    const link = await panel(page).getByRole('textbox', { name: 'The link' }).inputValue();
    expect(link).toMatch(/\?lesson=rollouts&hide=rollouts&lock=1&ask=Why\+so%3F$/);
    await expectNoViolations(page);
    await page.goto(link);
    await expect(page.getByText('Why so?')).toBeVisible();
  });
});

test('one softmax: a likely token down raises entropy, and the rule says so', async ({ page }) => {
  await replay(page, recording);
  await open(page);
  const softmax = page.getByRole('region', { name: 'One softmax' });
  await softmax.scrollIntoViewIfNeeded();
  await expect(softmax.getByText(/^Pushing up A, a likely token, lowers entropy/)).toBeVisible();
  await softmax.getByRole('radio', { name: '−1, push down' }).click();
  await expect(softmax.getByText(/^Pushing down A, a likely token, raises entropy/)).toBeVisible();
  await expect(softmax.locator('td[aria-current]')).toHaveText('entropy rises');
  await softmax.getByRole('radio', { name: 'Long tail' }).click();
  await softmax.getByRole('radio', { name: 'Sampled token F' }).check();
  await expect(softmax.getByText(/^Pushing down F, an unlikely token, lowers/)).toBeVisible();
  await softmax.getByRole('slider', { name: 'Logit of F' }).fill('5');
  await expect(softmax.getByText(/^Pushing down F, a likely token, raises/)).toBeVisible();
  await expect(softmax.getByText(/no graphics processor has checked it/)).toBeVisible();
});

test('the loss: a term tells what it is and what it is now', async ({ page }) => {
  await replay(page, recording);
  await open(page);
  const loss = page.getByRole('region', { name: 'The loss, term by term' });
  await loss.getByRole('radio', { name: 'Upper bound of the ratio' }).focus();
  await expect(loss.locator('.formula-detail')).toContainText('1+ε');
  await expect(loss.locator('.formula-detail')).toContainText('clip high');
  await page.keyboard.press('ArrowRight');
  await expect(loss.getByRole('heading', { name: /^KL coefficient/ })).toBeVisible();
  await loss.getByRole('radio', { name: 'Weighted advantage' }).hover();
  await expect(loss.getByRole('heading', { name: /^Weighted advantage/ })).toBeVisible();
  await loss.getByRole('radio', { name: /^Token 2/ }).check();
  await expect(loss.locator('.formula-detail dt')).toContainText(/^A′ of the token/);
});

test('lessons, softmax and formula are there without a GPU', async ({ page }) => {
  await withoutWebGPU(page);
  await page.goto('/?lesson=one-update');
  await expect(panel(page).getByText(/^A token with probability 0.9/)).toBeVisible();
  await panel(page).getByRole('radio', { name: 'It rises.' }).check();
  await panel(page).getByRole('button', { name: 'Begin' }).click();
  await panel(page).getByRole('button', { name: 'Next', exact: true }).click();
  await panel(page)
    .getByRole('button', { name: /a likely token, down/ })
    .click();
  await expect(page.getByText(/^Pushing down A, a likely token, raises entropy/)).toBeVisible();
  await expectNoViolations(page);
});
