import { expect, test, type Page } from '@playwright/test';
import { axe } from './axe';
import { record, type Recording } from './recorded';
import { replay } from './replay';

const chain = record({ steps: 24, looks: true });
const maze = record({ steps: 14, software: true, looks: true });

async function open(page: Page, recording: Recording, steps: number): Promise<void> {
  await replay(page, recording);
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Run' })).toBeEnabled();
  for (let step = 1; step <= steps; step++) {
    await page.getByRole('button', { name: 'Step', exact: true }).click();
    await expect(page.getByText(`step ${step} of 24`)).toBeVisible();
  }
  // The panel is drawn twice a second; what is opened before it has caught up belongs to an earlier step.
  if (steps > 0) await expect(rollouts(page).getByText(`at step ${steps}:`)).toBeVisible();
}

const rollouts = (page: Page) => page.locator('section.rollouts');
const strip = (page: Page) => rollouts(page).getByRole('toolbar').first();

async function expectNoViolations(page: Page): Promise<void> {
  const { violations } = await axe(page).include('section.rollouts').analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

test('a token opens on its distribution before and after, and holds the step', async ({ page }) => {
  await open(page, chain, 3);
  const token = strip(page).getByRole('button').nth(1);
  await token.click();
  await expect(token).toHaveAttribute('aria-expanded', 'true');
  await expect(page.getByRole('heading', { name: 'Rollouts at step 3' })).toBeVisible();
  const detail = page.getByRole('listitem', { name: 'Token 2 of response 1' });
  await expect(detail.getByText(/^Its advantage of/)).toBeVisible();
  const shown = chain.groups[3]?.[0]?.rollouts[0];
  const before = (100 * Math.exp(shown?.logprob[1] ?? NaN)).toFixed(1);
  const after = (100 * Math.exp(shown?.look?.after?.logprob[1] ?? NaN)).toFixed(1);
  const drawn = detail.getByRole('row', { name: /, drawn/ });
  await expect(drawn).toContainText(`${before}%`);
  await expect(drawn).toContainText(`${after}%`);
  await expect(detail.getByRole('row')).toHaveCount(12);

  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(page.getByText('step 4 of 24')).toBeVisible();
  await expect(detail).toBeVisible();
  await rollouts(page).getByRole('button', { name: 'Newest' }).click();
  await expect(detail).toBeHidden();
  await expect(page.getByRole('heading', { name: 'Rollouts now' })).toBeVisible();
  await expect(rollouts(page).getByText('at step 4:')).toBeVisible();
});

test('everything is reached by the keyboard', async ({ page }) => {
  await open(page, chain, 2);
  const tokens = strip(page).getByRole('button');
  // Until the closer look has come the strip may be drawn anew under the focus.
  await expect(async () => {
    await tokens.first().focus();
    await page.keyboard.press('ArrowRight');
    await expect(tokens.nth(1)).toBeFocused({ timeout: 1000 });
  }).toPass();
  await page.keyboard.press('Enter');
  const detail = page.getByRole('listitem', { name: 'Token 2 of response 1' });
  await expect(detail).toBeVisible();
  // The strip is one stop of the Tab key.
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.closest('.tokens'))).toBeNull();
  await detail.getByRole('button', { name: 'Close' }).press('Enter');
  await expect(detail).toBeHidden();
  await expect(tokens.nth(1)).toBeFocused();

  await rollouts(page).getByRole('slider', { name: 'Step shown' }).press('Home');
  await expect(page.getByRole('heading', { name: 'Rollouts at step 0' })).toBeVisible();
});

test('what is not known of a step is greyed out with the reason', async ({ page }) => {
  await open(page, chain, 0);
  const tint = rollouts(page).getByLabel('Tint tokens by');
  await expect(tint.getByRole('option', { name: 'ratio (nothing trained yet)' })).toBeDisabled();
  await expect(tint.getByRole('option', { name: 'entropy drive', exact: true })).toBeEnabled();
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(tint.getByRole('option', { name: 'ratio', exact: true })).toBeEnabled();
  await tint.selectOption('ratio');
  await rollouts(page).getByRole('slider', { name: 'Step shown' }).press('Home');
  await expect(tint).toHaveValue('entropy');
  await rollouts(page).getByRole('button', { name: 'Newest' }).click();
  await expect(tint).toHaveValue('ratio');
  // The second arm is not the one that was watched.
  await page.getByRole('radio', { name: 'λ 0.5' }).check();
  await expect(
    tint.getByRole('option', { name: 'ratio (this step was not looked at)' }),
  ).toBeDisabled();
});

test('another prompt of the batch is asked of the worker', async ({ page }) => {
  await open(page, chain, 1);
  const prompts = rollouts(page).getByRole('group', { name: 'Prompt of the batch' });
  await expect(prompts.getByRole('button', { name: 'Previous prompt' })).toBeDisabled();
  await prompts.getByRole('button', { name: 'Next prompt' }).click();
  await expect(prompts.getByText('prompt 2 of 8')).toBeVisible();
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(prompts.getByText('prompt 2 of 8')).toBeVisible();
});

test('a tint changes names and legend', async ({ page }) => {
  await open(page, chain, 2);
  await expect(
    strip(page)
      .getByRole('button', { name: /entropy .* nats$/ })
      .first(),
  ).toBeVisible();
  await rollouts(page).getByLabel('Tint tokens by').selectOption('change');
  await expect(
    strip(page)
      .getByRole('button', { name: /probability .* points$/ })
      .first(),
  ).toBeVisible();
  await expect(rollouts(page).locator('.scale')).toContainText('points');
});

test('a token is pushed in One softmax, which says whose it is and leads back', async ({
  page,
}) => {
  await open(page, chain, 3);
  await strip(page).getByRole('button').nth(1).click();
  const detail = page.getByRole('listitem', { name: 'Token 2 of response 1' });
  await detail.getByRole('button', { name: 'Push this token in One softmax' }).press('Enter');
  const softmax = page.getByRole('region', { name: 'One softmax' });
  await expect(softmax.getByRole('heading', { name: 'One softmax' })).toBeFocused();
  await expect(softmax.getByRole('heading', { name: 'One softmax' })).toBeInViewport();

  const group = chain.groups[3]?.[0];
  const shown = group?.rollouts[0];
  const token = shown?.tokens[1] ?? '';
  await expect(softmax.getByText(/^From the rollouts of GRPO, seed 0, step 3: /)).toContainText(
    `token 2, “${token}”, of response 1 to ${group?.prompt.join(' ')} was drawn from.`,
  );
  await expect(softmax.getByRole('radio', { name: /^Sampled token/ })).toHaveCount(15);
  const sampled = page.getByRole('radio', { name: `Sampled token ${token}`, exact: true });
  await expect(sampled).toBeChecked();
  const row = softmax.getByRole('row').filter({ has: sampled });
  const probability = (100 * Math.exp(shown?.logprob[1] ?? NaN)).toFixed(1);
  await expect(row).toContainText(`${probability}%`);
  const logit = row.getByRole('slider');
  const before = await softmax.locator('.softmax-outcome').textContent();
  await logit.press('PageDown');
  await expect(softmax.locator('.softmax-outcome')).not.toHaveText(before ?? '');
  await softmax.getByRole('button', { name: 'As it was drawn' }).click();
  await expect(softmax.locator('.softmax-outcome')).toHaveText(before ?? '');

  await softmax.getByRole('button', { name: 'Back to tokens A to F' }).press('Enter');
  await expect(softmax.getByRole('radio', { name: /^Sampled token/ })).toHaveCount(6);
  await expect(softmax.getByText(/^From the rollouts/)).toHaveCount(0);
  await expect(softmax.getByRole('heading', { name: 'One softmax' })).toBeFocused();
});

test('where a link hides One softmax nothing leads there', async ({ page }) => {
  await replay(page, chain);
  await page.goto('/?hide=softmax');
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(rollouts(page).getByText('at step 1:')).toBeVisible();
  await strip(page).getByRole('button').nth(1).click();
  const detail = page.getByRole('listitem', { name: 'Token 2 of response 1' });
  await expect(detail.getByRole('row', { name: /, drawn/ })).toBeVisible();
  await expect(detail.getByRole('button', { name: /One softmax/ })).toHaveCount(0);
});

for (const [size, viewport, scheme] of [
  ['wide', { width: 1280, height: 800 }, 'light'],
  ['narrow', { width: 390, height: 844 }, 'dark'],
] as const) {
  test.describe(`${size}, ${scheme}`, () => {
    test.use({ viewport, colorScheme: scheme });

    test('a token of a maze, closely', async ({ page }) => {
      await open(page, maze, 4);
      await rollouts(page).getByLabel('Tint tokens by').selectOption('clipped');
      await strip(page).getByRole('button').nth(1).click();
      await expect(page.getByRole('img', { name: /^Paths of 8 responses from/ })).toBeVisible();
      await page.mouse.move(0, 0);
      await page.evaluate(() => document.fonts.ready);
      await expectNoViolations(page);
      const overflow = () => document.documentElement.scrollWidth - window.innerWidth;
      expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
      // The bar with the buttons would lie over what is taken in parts.
      await page.evaluate(() => {
        const bar = document.querySelector<HTMLElement>('.transport');
        if (bar !== null) bar.style.position = 'static';
      });
      await expect(rollouts(page)).toHaveScreenshot(`microscope-${size}-${scheme}.png`);
    });

    test('a token of a maze in One softmax', async ({ page }) => {
      await open(page, maze, 4);
      await strip(page).getByRole('button').nth(1).click();
      await page.getByRole('button', { name: 'Push this token in One softmax' }).click();
      const softmax = page.locator('section.softmax');
      await expect(softmax.getByRole('radio', { name: /^Sampled token/ })).toHaveCount(18);
      const overflow = () => document.documentElement.scrollWidth - window.innerWidth;
      expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
      const { violations } = await axe(page).include('section.softmax').analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      await page.screenshot({ path: `test-results/softmax-arrived-${size}.png` });
      await page.evaluate(() => document.fonts.ready);
      await page.evaluate(() => {
        const bar = document.querySelector<HTMLElement>('.transport');
        if (bar !== null) bar.style.position = 'static';
      });
      await softmax.screenshot({ path: `test-results/softmax-token-${size}.png` });
    });

    test('chains by every tint', async ({ page }) => {
      await open(page, chain, 6);
      for (const tint of ['probability', 'ratio', 'clipped']) {
        await rollouts(page).getByLabel('Tint tokens by').selectOption(tint);
        await expectNoViolations(page);
      }
    });
  });
}
