import { expect, test, type Page } from '@playwright/test';
import { axe } from './axe';
import { record, type Recording } from './recorded';
import { replay } from './replay';

const STEPS = 24;
const recording = unlearning(record({ steps: STEPS }));

/** λ 0 forgets what the base policy could do. */
function unlearning(whole: Recording): Recording {
  const metrics = whole.metrics.map((row, i) => {
    const lost = row['arm-3#0'];
    return lost === undefined ? row : { ...row, 'arm-3#0': { ...lost, reward: 0.24 * 0.8 ** i } };
  });
  return { ...whole, metrics };
}

/** Violations of the content security policy, as the browser reports them. */
const refused: string[] = [];

test.beforeEach(async ({ page }) => {
  refused.length = 0;
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) refused.push(message.text());
  });
  await replay(page, recording);
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
});

test.afterEach(() => {
  expect(refused).toEqual([]);
});

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await axe(page).include('[role="dialog"]').analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

test('the palette finds an action, does it, and gives the focus back', async ({ page }) => {
  const slider = page.getByRole('slider', { name: 'Positive-advantage weight' });
  await slider.focus();
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Commands' });
  const input = palette.getByRole('combobox');
  await expect(input).toBeFocused();
  await expectAccessible(page);
  await input.fill('reward');
  await expect(palette.getByRole('option', { name: 'Plot against reward' })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(palette).toBeHidden();
  await expect(slider).toBeFocused();
  await expect(page.getByRole('figure', { name: /^Entropy/ }).getByLabel('against')).toHaveValue(
    'reward',
  );
});

test('the palette holds arms, experiments and lessons', async ({ page }) => {
  await page.getByRole('button', { name: 'Commands' }).click();
  const palette = page.getByRole('dialog', { name: 'Commands' });
  await palette.getByRole('combobox').fill('choose arm 0.5');
  await page.keyboard.press('Enter');
  await expect(
    page.getByRole('table', { name: 'Arms' }).getByRole('radio', { name: /λ 0.5/ }),
  ).toBeChecked();
  await page.keyboard.press('Control+k');
  await palette.getByRole('combobox').fill('who drives');
  await expect(
    palette.getByRole('option', { name: 'Experiment: Who drives', exact: true }),
  ).toBeVisible();
  await expect(palette.getByRole('option', { name: /^Lesson: / }).first()).toBeVisible();
  await palette.getByRole('combobox').fill('zzzz');
  await expect(palette.getByText('Nothing is called that.')).toBeVisible();
});

test('the question mark lists the keys that work, and can turn single keys off', async ({
  page,
}) => {
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard' });
  await expect(help.getByRole('row', { name: /Train one step/ })).toBeVisible();
  await expectAccessible(page);
  await help.getByRole('checkbox', { name: /Keys without Ctrl/ }).uncheck();
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await page.keyboard.press('.');
  await page.keyboard.press('?');
  await expect(page.getByRole('status')).toHaveText(`step 0 of ${STEPS}`);
  await expect(help).toBeHidden();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible();
});

test('kernels: maths, source, dispatches, times and verification', async ({ page }) => {
  await page.getByRole('button', { name: 'Kernels', exact: true }).click();
  const drawer = page.getByRole('dialog', { name: 'Kernels' });
  await expect(drawer.getByRole('heading', { name: 'policy_loss.wgsl' })).toBeVisible();
  await expect(drawer.getByText('docs/math.md (39)')).toBeVisible();
  // 40 of the rollouts and 16 of each of 8 updates.
  await expect(drawer.getByText(/168 dispatches/)).toBeVisible();
  await expectAccessible(page);
  await drawer.getByRole('button', { name: 'matmul', exact: true }).click();
  await expect(drawer.getByRole('row', { name: 'matmul_nt 28 56' })).toBeVisible();
  await expect(drawer.getByRole('region', { name: 'Source of matmul' })).toContainText(
    'fn matmul_nt',
  );
  await drawer.getByRole('button', { name: 'Time each kernel' }).click();
  await expect(drawer.getByText(/no timestamp-query/)).toBeVisible();
  await expect(drawer.getByRole('row', { name: 'matmul_nt 28 56 12.5' })).toBeVisible();

  await drawer.getByRole('tab', { name: 'Memory' }).click();
  await expect(drawer.getByRole('row', { name: /^weights 1.3 MB/ })).toBeVisible();

  await drawer.getByRole('tab', { name: 'Verify on this GPU' }).click();
  await drawer.getByRole('button', { name: 'Verify on this GPU' }).click();
  const twins = drawer.getByRole('region', { name: 'Kernels against their float64 twins' });
  await expect(
    twins.getByRole('row', { name: 'logprob 2.9e−6 3.6e−7 2.2e−5 13% pass' }),
  ).toBeVisible();
  await expect(twins.getByRole('row', { name: /^x 3.1e−1 .* fail$/ })).toBeVisible();
  await expect(
    twins.getByRole('row', { name: /the device refused the check.* fail$/ }),
  ).toBeVisible();
  await expect(
    drawer.getByText(
      /^Not everything came out right on Recorded GPU \(kernels: rope, swiglu; steps: par\)/,
    ),
  ).toBeVisible();
  const passed = drawer.getByRole('region', { name: 'Case grpo' });
  await expect(passed.getByText('3 of 3 tensors are within their tolerance.')).toBeVisible();
  const failed = drawer.getByRole('region', { name: 'Case par' });
  await expect(failed.getByRole('heading', { name: 'Failed par' })).toBeVisible();
  await failed.getByText('Largest error of each').click();
  await expect(failed.getByRole('row', { name: 'greedy 1 0 fail' })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Kernels', exact: true })).toBeFocused();
});

test('verifying can be stopped, keeps what was found, and begins anew', async ({ context }) => {
  const page = await context.newPage();
  await replay(page, recording, { checkMs: 1_000 });
  await page.goto('/');
  await page.getByRole('button', { name: 'Kernels', exact: true }).click();
  const drawer = page.getByRole('dialog', { name: 'Kernels' });
  await drawer.getByRole('tab', { name: 'Verify on this GPU' }).click();
  const start = drawer.getByRole('button', { name: 'Verify on this GPU' });
  await start.click();
  await expect(drawer.getByText(/\d of 8 checks$/)).toBeVisible();
  await drawer.getByRole('button', { name: 'Stop' }).click();
  const verdict = drawer.getByText(/^Stopped after [1-4] of 8 checks; none of them failed\.$/);
  const done = Number(/\d/.exec(await verdict.innerText())?.[0]);
  const kernels = drawer.locator('.twin-kernel');
  await expect(kernels).toHaveCount(done);
  // What was under way when it was stopped comes too late.
  await page.waitForTimeout(1_500);
  await expect(kernels).toHaveCount(done);
  await start.click();
  await expect(drawer.getByText(/^Not everything came out right/)).toBeVisible();
  await expect(drawer.getByRole('region', { name: 'Case grpo' })).toBeVisible();
});

test('layouts: the one in use and why, timing others, and using what was found', async ({
  context,
}) => {
  const page = await context.newPage();
  await replay(page, recording, { checkMs: 300 });
  await page.goto('/');
  const open = async () => {
    await page.getByRole('button', { name: 'Kernels', exact: true }).click();
    await page.getByRole('tab', { name: 'Layout' }).click();
    return page.getByRole('dialog', { name: 'Kernels' });
  };
  const drawer = await open();
  const inUse = drawer.getByText(/^In use: /);
  const kind = recording.software ? 'CPU rasterisers' : 'graphics processors';
  await expect(inUse).toHaveText(
    `In use: 32 invocations a workgroup, 8 rows each, default for ${kind}.`,
  );
  const start = drawer.getByRole('button', { name: 'Time other layouts' });
  await start.click();
  await drawer.getByRole('button', { name: 'Stop' }).click();
  await page.waitForTimeout(500);
  await expect(drawer.getByRole('table')).toHaveCount(0);
  await start.click();
  await expect(
    drawer.getByRole('row', {
      name: '32 invocations a workgroup, 4 rows each 9 2.80 2.70 to 2.90 1.50x',
    }),
  ).toBeVisible();
  await expect(inUse).toContainText('until Reset. From then on 32 invocations a workgroup, 4 rows');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Reset', exact: true }).click();
  await open();
  await expect(inUse).toHaveText(
    'In use: 32 invocations a workgroup, 4 rows each, chosen by timing on 2026-11-21: 1.50x the default.',
  );
  // Kept for the next visit.
  await page.reload();
  await open();
  await expect(inUse).toContainText('chosen by timing on 2026-11-21');
  await expect(drawer.getByRole('row', { name: /4 rows each \(in use\)/ })).toHaveCount(1);
});

test('the diagnosis names an arm, offers a change, and makes it', async ({ page }) => {
  const diagnosis = page.getByRole('region', { name: 'Diagnosis' });
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of ${STEPS}`);
  // λ 0 falls below its first reward and does not come back.
  const finding = diagnosis.getByRole('listitem').filter({ hasText: 'Unlearning' });
  await expect(finding).toContainText('With λ at 0 nothing rewards right answers');
  const { violations } = await axe(page).include('.diagnosis').analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await finding.getByRole('button', { name: /^Set λ to 0.5: / }).click();
  await expect(finding).toBeHidden();
  await expect(diagnosis).toBeFocused();
  await expect(diagnosis.getByText(/λ to 0.5\. Judged again/).first()).toBeVisible();
  await expect(
    page.getByRole('table', { name: 'Arms' }).getByRole('row', { name: /λ 0\*/ }),
  ).toContainText('0.5');
});

test('the formula is read for any token of any response to the prompt', async ({ page }) => {
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText(`step 1 of ${STEPS}`);
  const loss = page.getByRole('region', { name: 'The loss, term by term' });
  const rollouts = recording.groups[1]?.[0]?.rollouts ?? [];
  const responses = [...new Map(rollouts.map((own) => [own.tokens.join(' '), own])).entries()];
  const third = rollouts.find((own) => own.tokens.join(' ') === responses[2]?.[0]);
  const response = loss.getByRole('combobox', { name: 'Response' });
  await expect(loss.getByText(/^Read for .* step 1$/)).toBeVisible();
  await expect(response.getByRole('option')).toHaveCount(responses.length);
  await response.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(response).toHaveValue('2');
  const tokens = loss.getByRole('radio', { name: /^Token / });
  await expect(tokens).toHaveCount(third?.tokens.length ?? 0);
  await loss.getByRole('radio', { name: 'Probability when drawn' }).focus();
  const detail = loss.locator('.formula-detail');
  const probability = (t: number) => Math.exp(third?.logprob[t] ?? NaN).toFixed(3);
  await expect(detail).toContainText(`${probability(0)}, log`);
  await tokens.first().focus();
  await page.keyboard.press('ArrowRight');
  await expect(detail).toContainText(`${probability(1)}, log`);
  await expect(detail.locator('dt').first()).toContainText(`“${third?.tokens[1]}”`);
  await page.evaluate(() => document.fonts.ready);
  await loss.screenshot({ path: 'test-results/formula-response-wide.png' });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'dark' });
  const { violations } = await axe(page).include('section.formula').analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  await loss.screenshot({ path: 'test-results/formula-response-narrow.png' });
});

for (const [size, viewport, colorScheme] of [
  ['wide', { width: 1280, height: 800 }, 'light'],
  ['narrow', { width: 390, height: 844 }, 'dark'],
] as const) {
  test(`the layouts fit and read, ${size}`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.getByRole('button', { name: 'Kernels', exact: true }).click();
    const drawer = page.getByRole('dialog', { name: 'Kernels' });
    await drawer.getByRole('tab', { name: 'Layout' }).click();
    await drawer.getByRole('button', { name: 'Time other layouts' }).click();
    await expect(drawer.getByRole('row')).toHaveCount(6);
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: `test-results/layouts-${size}.png` });
    await expectAccessible(page);
    const wider = await drawer
      .getByRole('tabpanel')
      .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    expect(wider).toBe(0);
  });

  test(`the verification fits and reads, ${size}`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.getByRole('button', { name: 'Kernels', exact: true }).click();
    const drawer = page.getByRole('dialog', { name: 'Kernels' });
    await drawer.getByRole('tab', { name: 'Verify on this GPU' }).click();
    await drawer.getByRole('button', { name: 'Verify on this GPU' }).click();
    await expect(drawer.getByText(/^Not everything came out right/)).toBeVisible();
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: `test-results/verify-${size}.png` });
    await expectAccessible(page);
    const table = drawer.getByRole('table').first();
    const wider = await table.evaluate((element) => {
      const panel = element.closest('.tab-panel');
      return panel === null ? NaN : panel.scrollWidth - panel.clientWidth;
    });
    expect(wider).toBe(0);
  });
}
