import { expect, test, type Page } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';

const STEPS = 6;
const ARMS = ['GRPO', 'λ 0.5', 'λ 0', 'positives only'];

/** The strokes of an arm in its row, in the end label of its curve and in the curve itself. */
interface Strokes {
  readonly swatch: string | null;
  readonly dash: string | null;
  readonly curve: string | null;
  readonly curveDash: string | null;
  readonly label: string;
}

async function strokesOf(page: Page, arm: string): Promise<Strokes> {
  const row = page.getByRole('table', { name: 'Arms' }).getByRole('row');
  const swatch = row
    .filter({ has: page.getByRole('radio', { name: arm, exact: true }) })
    .locator('.swatch line');
  const curve = page.locator('.entropy path.curve').nth(ARMS.indexOf(arm));
  const label = page.locator('.entropy .arm-label').filter({ hasText: new RegExp(`^${arm}$`) });
  return {
    swatch: await swatch.getAttribute('stroke'),
    dash: await swatch.getAttribute('stroke-dasharray'),
    curve: await curve.getAttribute('stroke'),
    curveDash: await curve.getAttribute('stroke-dasharray'),
    label: await label.evaluate((text) => text.style.fill),
  };
}

/** The same colour and dash pattern wherever the arm is drawn. */
async function expectColour(page: Page, arm: string, index: number, dash: string): Promise<void> {
  const stroke = `var(--arm-${index})`;
  await expect
    .poll(() => strokesOf(page, arm))
    .toEqual({ swatch: stroke, dash, curve: stroke, curveDash: dash, label: stroke });
}

async function openColours(page: Page, arm: string): Promise<void> {
  await page.getByRole('button', { name: `Menu of ${arm}`, exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Colour' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('menuitemradio')).toHaveCount(8);
}

test('another colour shows in the table and in the curves; undo and redo by key move it', async ({
  page,
}) => {
  await replay(page, record({ steps: STEPS }));
  await page.goto('/');
  const run = page.getByRole('button', { name: 'Run', exact: true });
  await expect(run).toBeEnabled();
  await run.click();
  const status = page.getByRole('status');
  await expect(status).toHaveText(`step ${STEPS} of 24`);
  await expect(page.locator('.entropy path.curve')).toHaveCount(ARMS.length);
  await expectColour(page, 'GRPO', 0, 'none');
  await expectColour(page, 'λ 0.5', 1, '9 4');

  await openColours(page, 'GRPO');
  const colour = (n: number) => page.getByRole('menuitemradio', { name: `Colour ${n}` });
  await expect(colour(1)).toBeChecked();
  await expect(colour(6)).not.toBeChecked();
  await colour(6).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menu')).toHaveCount(0);
  await expectColour(page, 'GRPO', 5, '16 4');
  await expectColour(page, 'λ 0.5', 1, '9 4');
  // A colour trains nothing: what was trained stays.
  await expect(status).toHaveText(`step ${STEPS} of 24`);

  await page.keyboard.press('Control+z');
  await expectColour(page, 'GRPO', 0, 'none');
  await page.keyboard.press('Control+Shift+z');
  await expectColour(page, 'GRPO', 5, '16 4');
  await expect(status).toHaveText(`step ${STEPS} of 24`);
  await openColours(page, 'GRPO');
  await expect(colour(6)).toBeChecked();
});
