import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
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
  const { violations } = await new AxeBuilder({ page }).include('[role="dialog"]').analyze();
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
  await expect(drawer.getByText('docs/math.md (26), (39), (63), (82)')).toBeVisible();
  // 40 of the rollouts and 23 of each of 8 updates.
  await expect(drawer.getByText(/224 dispatches/)).toBeVisible();
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

test('the diagnosis names an arm, offers a change, and makes it', async ({ page }) => {
  const diagnosis = page.getByRole('region', { name: 'Diagnosis' });
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of ${STEPS}`);
  // λ 0 falls below its first reward and does not come back.
  const finding = diagnosis.getByRole('listitem').filter({ hasText: 'Unlearning' });
  await expect(finding).toContainText('With λ at 0 nothing rewards right answers');
  const { violations } = await new AxeBuilder({ page }).include('.diagnosis').analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await finding.getByRole('button', { name: /^Set λ to 0.5: / }).click();
  await expect(finding).toBeHidden();
  await expect(diagnosis).toBeFocused();
  await expect(diagnosis.getByText(/λ to 0.5\. Judged again/).first()).toBeVisible();
  await expect(
    page.getByRole('table', { name: 'Arms' }).getByRole('row', { name: /λ 0\*/ }),
  ).toContainText('0.5');
});
