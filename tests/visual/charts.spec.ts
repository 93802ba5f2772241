import { readFileSync } from 'node:fs';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { axe } from './axe';
import { record } from './recorded';
import { replay } from './replay';

const STEPS = 24;
const single = record({ steps: STEPS });
const paired = record({ steps: STEPS, seeds: [0, 1] });

const figure = (page: Page, name: RegExp): Locator => page.getByRole('figure', { name });
const entropy = (page: Page): Locator => figure(page, /^Entropy nats/);

/** Opens the page and trains to the end of the recording; what the page's policy refuses is kept for `refused`. */
async function trained(page: Page, seeds = '0'): Promise<void> {
  await replay(page, seeds === '0' ? single : paired);
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      document.documentElement.dataset['refused'] =
        `${event.violatedDirective} ${event.blockedURI}`;
    });
  });
  await page.goto('/');
  const run = page.getByRole('button', { name: 'Run', exact: true });
  await expect(run).toBeEnabled();
  if (seeds !== '0') {
    await page.getByLabel('Seeds').fill(seeds);
    await page.getByLabel('Seeds').press('Enter');
    await expect(run).toBeEnabled();
  }
  await run.click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of ${STEPS}`);
  await expect(page.locator('.entropy .plot')).toHaveAttribute('data-points', String(STEPS));
}

async function expectNothingRefused(page: Page): Promise<void> {
  const refused = () => document.documentElement.dataset['refused'] ?? null;
  expect(await page.evaluate(refused)).toBeNull();
}

async function settings(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Chart settings' }).click();
  return page.getByRole('dialog', { name: 'Chart settings' });
}

async function pointIn(plot: Locator, across: number): Promise<{ x: number; y: number }> {
  const box = await plot.boundingBox();
  if (box === null) throw new Error('the plot is not there');
  return { x: box.x + box.width * across, y: box.y + box.height * 0.5 };
}

test('more charts open in groups, are drawn as they come into view, and close', async ({
  page,
}) => {
  await trained(page);
  const surfaces = page.locator('.recharts-surface');
  await expect(surfaces).toHaveCount(4);
  const more = page.getByRole('button', { name: 'More charts' });
  await more.click();
  for (const group of [
    'Learning',
    'Entropy drive',
    'Clipping',
    'Stability',
    'Advantages',
    'Controls',
  ]) {
    await expect(page.getByRole('heading', { name: group, exact: true })).toBeVisible();
  }
  const norm = figure(page, /^Gradient norm/);
  await norm.scrollIntoViewIfNeeded();
  await expect(norm.locator('.plot')).toHaveAttribute('data-points', String(STEPS));
  await expect(norm.getByText('Length of the gradient.')).toBeVisible();
  const kl = figure(page, /^KL to the base policy/);
  await kl.scrollIntoViewIfNeeded();
  await expect(
    kl.getByText('The KL coefficient is 0, so this is not computed.', { exact: true }),
  ).toBeVisible();
  await figure(page, /^Saturation/).scrollIntoViewIfNeeded();
  const { violations } = await axe(page).include('.more-charts').analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  await more.click();
  await expect(surfaces).toHaveCount(4);
});

test('one axis serves all charts', async ({ page }) => {
  await trained(page);
  await page.getByLabel('against').selectOption('tokens');
  const reward = figure(page, /^Reward/);
  await reward.getByRole('button', { name: 'Show data' }).click();
  await expect(reward.getByRole('columnheader', { name: 'tokens' })).toBeVisible();
  await expect(reward.getByRole('row').nth(1).getByRole('cell').first()).toHaveText('590');
});

test('smoothing leaves the raw curve as a shadow and says so', async ({ page }) => {
  await trained(page);
  const shadows = entropy(page).locator('.shadow');
  await expect(shadows).toHaveCount(0);
  const smoothing = (await settings(page)).getByRole('slider', { name: 'Smoothing' });
  await smoothing.fill('0.6');
  await page.keyboard.press('Escape');
  await expect(shadows).toHaveCount(4);
  await expect(page.getByText('Smoothed by 0.60')).toBeVisible();
  await entropy(page).getByRole('button', { name: 'Show data' }).click();
  await expect(entropy(page).getByRole('table')).toContainText('smoothed by 0.60');
});

test('steps are chosen by number, moved, refused and given back', async ({ page }) => {
  await trained(page);
  const panel = await settings(page);
  const [from, to] = [panel.getByLabel('from step'), panel.getByLabel('to step')];
  await from.fill('40');
  await expect(panel.getByRole('alert')).toHaveText(`Steps are whole numbers from 1 to ${STEPS}.`);
  await from.fill('5');
  await to.fill('10');
  await to.press('Enter');
  const note = entropy(page).getByText('Steps 5 to 10 of 24');
  await expect(note).toBeVisible();
  await page.keyboard.press('Escape');
  for (const name of [/^Entropy nats/, /^Reward/, /^Clip fraction/, /^Lambda/]) {
    await expect(figure(page, name).locator('.plot')).toHaveAttribute('data-points', '6');
  }
  await page.getByRole('button', { name: 'Later' }).click();
  await expect(entropy(page).getByText('Steps 8 to 13 of 24')).toBeVisible();
  await page.getByRole('button', { name: 'All steps' }).click();
  await expect(entropy(page).locator('.plot')).toHaveAttribute('data-points', String(STEPS));
});

test('a stretch drawn out with the mouse zooms all charts, a double click goes back', async ({
  page,
}) => {
  await trained(page);
  const plot = entropy(page).locator('.plot');
  const [start, end] = [await pointIn(plot, 0.3), await pointIn(plot, 0.6)];
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(end.x, end.y, { steps: 5 });
  await expect(entropy(page).locator('.select-layer rect')).toBeVisible();
  await page.mouse.up();
  await expect(page.getByText(/^Steps \d+ to \d+ of 24/)).toBeVisible();
  await expect(figure(page, /^Reward/).locator('.plot')).not.toHaveAttribute(
    'data-points',
    String(STEPS),
  );
  await plot.dblclick({ position: { x: 300, y: 100 } });
  await expect(plot).toHaveAttribute('data-points', String(STEPS));
});

test('a step under the pointer of one chart shows in the others', async ({ page }) => {
  await trained(page);
  const { x, y } = await pointIn(entropy(page).locator('.plot'), 0.4);
  await page.mouse.move(x, y);
  const tip = entropy(page).locator('.tip');
  await expect(tip).toBeVisible();
  const step = Number((await tip.locator('.quiet').first().textContent())?.match(/\d+/)?.[0]);
  const reward = single.metrics[step - 1]?.['arm-1#0']?.reward.toFixed(3) ?? 'missing';
  await expect(figure(page, /^Reward/).locator('.hover-layer text')).toHaveText(reward);
  await expect(entropy(page).locator('.hover-layer circle')).toHaveCount(4);
  await expect(entropy(page).locator('.hover-layer text')).toHaveCount(0);
  await page.mouse.move(0, 0);
  await expect(page.locator('.hover-layer')).toHaveCount(0);
});

test('several seeds are a mean, a band and, for the chosen arm, thin lines', async ({ page }) => {
  await trained(page, '0, 1');
  await expect(entropy(page).locator('.band')).toHaveCount(4);
  await expect(entropy(page).locator('.seed')).toHaveCount(2);
  const { x, y } = await pointIn(entropy(page).locator('.plot'), 0.4);
  await page.mouse.move(x, y);
  await expect(entropy(page).locator('.tip')).toContainText('mean and lowest to highest seed');
  await page.mouse.move(0, 0);
  await entropy(page).getByRole('button', { name: 'Show data' }).click();
  const last = paired.metrics[STEPS - 1];
  const values = [0, 1].map((seed) => last?.[`arm-1#${seed}`]?.entropy ?? NaN);
  const cells = entropy(page).getByRole('row').nth(STEPS).getByRole('cell');
  const mean = ((values[0] ?? NaN) + (values[1] ?? NaN)) / 2;
  const wanted = [mean, Math.min(...values), Math.max(...values)].map((value) => value.toFixed(3));
  for (const [i, value] of wanted.entries()) await expect(cells.nth(i)).toHaveText(value);
  await expect(entropy(page)).toHaveAccessibleDescription(/mean of 2 seeds, at the end/);
});

test('every chart has a sentence for those who do not see it', async ({ page }) => {
  await trained(page);
  await expect(entropy(page)).toHaveAccessibleDescription(
    /^Entropy of 4 arms over 24 steps: GRPO from 0\.960 to 0\.\d{3}; /,
  );
  await page.getByRole('checkbox', { name: 'Show λ 0.5' }).uncheck();
  await expect(entropy(page)).toHaveAccessibleDescription(/^Entropy of 3 arms/);
});

test('a logarithmic axis is for charts whose values are all above 0', async ({ page }) => {
  await trained(page);
  await (await settings(page)).getByLabel('Logarithmic').check();
  const ticks = (name: RegExp) => figure(page, name).locator('.y-tick text');
  await expect(ticks(/^Entropy nats/).filter({ hasText: /^0\.02$/ })).toHaveCount(1);
  await expect(ticks(/^Clip fraction/).filter({ hasText: /^0%$/ })).toHaveCount(1);
});

test('the menu shows a chart large, and gives the focus back', async ({ page }) => {
  await trained(page);
  const menu = page.getByRole('button', { name: 'Menu of Reward' });
  await menu.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: /^Reward/ });
  await expect(dialog.locator('.recharts-surface')).toBeVisible();
  await expect(dialog.getByText('Share of a step’s responses')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(menu).toBeFocused();
  await expectNothingRefused(page);
});

test('the menu saves numbers and pictures', async ({ page }) => {
  await trained(page, '0, 1');
  const save = async (kind: string) => {
    await page.getByRole('button', { name: 'Menu of Entropy', exact: true }).click();
    const coming = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: `Save as ${kind}` }).click();
    const download = await coming;
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  };
  const csv = await save('CSV');
  expect(csv.name).toBe('entropy-by-step.csv');
  const lines = csv.bytes.toString('utf8').split('\r\n');
  expect(lines[0]).toBe('arm,seed,step,x,entropy');
  expect(lines).toHaveLength(1 + 4 * 2 * STEPS + 1);
  expect(lines[1]).toBe(`GRPO,0,1,1,${paired.metrics[0]?.['arm-1#0']?.entropy}`);

  const svg = await save('SVG');
  expect(svg.name).toBe('entropy-by-step.svg');
  const text = svg.bytes.toString('utf8');
  expect(text).toContain('>Entropy</text>');
  expect(text).not.toMatch(/var\(|class=|style=/);

  const png = await save('PNG');
  expect(png.bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
  expect(png.bytes.readUInt32BE(16)).toBeGreaterThan(1000);
  await expectNothingRefused(page);
});

test('before training there is nothing to save', async ({ page }) => {
  await replay(page, single);
  await page.goto('/');
  await page.getByRole('button', { name: 'Menu of Entropy', exact: true }).click();
  await expect(page.getByRole('menuitem', { name: 'Save as CSV' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
});

test('a long run of eight arms is drawn with few points, and only where it is looked at', async ({
  page,
}) => {
  const steps = 600;
  const names = Array.from({ length: 8 }, (_, i) => `arm ${i + 1}`);
  const { base } = JSON.parse(
    readFileSync(new URL('../../public/experiments/who-drives.json', import.meta.url), 'utf8'),
  ) as { base: object };
  const experiment = {
    version: 1,
    name: 'Eight arms',
    base: { ...base, steps },
    arms: names.map((name, i) => ({ name, set: { positive_weight: i / 8 } })),
    seeds: [0],
    evaluate: { every: 0, prompts: 16, samples: 4 },
  };
  await page.route('**/experiments/who-drives.json', (route) =>
    route.fulfill({ json: experiment }),
  );
  const four = record({ steps });
  const metrics = four.metrics.map((row) => {
    const rows = Object.values(row);
    return Object.fromEntries(
      names.flatMap((_, i) => [[`arm-${i + 1}#0`, rows[i % 4] ?? rows[0]]]),
    );
  });
  await replay(page, { ...four, metrics, groups: four.groups.slice(0, 1) });
  await page.goto('/?experiment=who-drives');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText(`step ${steps} of ${steps}`);
  const points = async (name: RegExp) =>
    Number(await figure(page, name).locator('.plot').getAttribute('data-points'));
  await expect.poll(() => points(/^Entropy nats/)).toBeGreaterThan(150);
  expect(await points(/^Entropy nats/)).toBeLessThanOrEqual(300);
  await expect.poll(() => points(/^Reward/)).toBeGreaterThan(60);
  expect(await points(/^Reward/)).toBeLessThanOrEqual(130);
  await page.getByRole('button', { name: 'More charts' }).click();
  await expect(figure(page, /^Training reward/)).toBeVisible();
  await expect(page.locator('.chart-group .plot')).not.toHaveCount(0);
  expect(await page.locator('.chart-group .recharts-surface').count()).toBeLessThan(
    await page.locator('.chart-group .plot').count(),
  );
});
