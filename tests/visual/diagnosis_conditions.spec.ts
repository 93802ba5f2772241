import { expect, test, type Locator, type Page } from '@playwright/test';
import type { Experiment } from '../../src/recipe/experiment';
import { encodeExperiment } from '../../src/recipe/link';
import { defaultExperiment } from '../../src/recipe/presets';
import type { Recipe } from '../../src/recipe/recipe';
import type { StepMetrics } from '../../src/rl/metrics';
import { record, type Recording } from './recorded';
import { replay } from './replay';

// A button that is not offered is missed as soon as words that are not said.
test.use({ actionTimeout: 30_000 });

const STEPS = 24;
const ARM = 'GRPO';
const recorded = record({ steps: STEPS });

/** What some quantities of an arm are at a step, counted from 0. */
type Course = (i: number) => Partial<StepMetrics>;

/** A run in which nothing is wrong: entropy falls a little, reward rises all the time. */
const healthy: Course = (i) => ({
  entropy: 1 - 0.005 * i,
  reward: 0.3 + 0.008 * i,
  approx_kl: 0.02,
  grad_norm: 1,
  ratio_max: 3,
  zero_variance_groups: 1,
  response_length: 4.5,
  skipped_updates: 0,
});

/** Every arm is healthy but the first ones, which also follow `course`. */
function firstArms(count: number, course: Course, whole = recorded): Recording {
  const sick = Array.from({ length: count }, (_, i) => `arm-${i + 1}#`);
  const metrics = whole.metrics.map((row, i) =>
    Object.fromEntries(
      Object.entries(row).map(([run, own]) => [
        run,
        { ...own, ...healthy(i), ...(sick.some((id) => run.startsWith(id)) ? course(i) : {}) },
      ]),
    ),
  );
  return { ...whole, metrics };
}

const firstArm = (course: Course, whole?: Recording) => firstArms(1, course, whole);

const falling = (i: number) => 0.5 - 0.012 * i;
const collapsing = (i: number) => Math.max(0.2, 1 - 0.05 * i);

/** The link of the experiment that the page opens with, some settings of all its arms changed, or other arms. */
function linkTo(settings: Partial<Recipe>, arms?: Experiment['arms']): string {
  const usual = defaultExperiment(false);
  const experiment = { ...usual, base: { ...usual.base, ...settings }, arms: arms ?? usual.arms };
  return `/#x=${encodeExperiment(experiment)}`;
}

async function open(page: Page, recording: Recording, link = '/'): Promise<Locator> {
  await replay(page, recording);
  await page.goto(link);
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
  return page.getByRole('region', { name: 'Diagnosis' });
}

/** The diagnosis after the whole recording. */
async function trained(page: Page, recording: Recording, link?: string): Promise<Locator> {
  const diagnosis = await open(page, recording, link);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of ${STEPS}`);
  return diagnosis;
}

/** The one finding there is: of which arm, how bad, what, and the setting that has most to do with it. */
async function expectFinding(
  diagnosis: Locator,
  told: { arm?: string; severity: string; title: string; text: string; setting: string },
): Promise<Locator> {
  const { arm = ARM, severity, title, text, setting } = told;
  const findings = diagnosis.getByRole('listitem');
  await expect(findings).toHaveCount(1);
  await expect(findings).toContainText(`${severity}: `);
  await expect(findings.getByRole('paragraph')).toHaveText(
    `${arm} ${title}. ${text} Setting: ${setting}.`,
  );
  return findings;
}

const armRow = (page: Page, name: string) =>
  page
    .getByRole('table', { name: 'Arms' })
    .getByRole('row')
    .filter({ has: page.getByRole('radio', { name, exact: true }) });

/** What the arm's form has for a setting that only a start over can change. */
async function expectInRecipe(page: Page, arm: string, label: string, value: string) {
  await page.getByRole('button', { name: `Menu of ${arm}`, exact: true }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  const dialog = page.getByRole('dialog', { name: `Settings of ${arm}` });
  await dialog.getByRole('searchbox').fill(label);
  await expect(dialog.getByRole('textbox', { name: label, exact: true })).toHaveValue(value);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
}

const undo = (page: Page) => page.getByRole('button', { name: 'Undo', exact: true });

test('a healthy run is said to have no warning signs', async ({ page }) => {
  const diagnosis = await trained(
    page,
    firstArm(() => ({})),
  );
  await expect(diagnosis.getByText('No warning signs in the shown arms.')).toBeVisible();
  await expect(diagnosis.getByRole('listitem')).toHaveCount(0);
  await expect(diagnosis.getByRole('button')).toHaveCount(0);
});

test('entropy collapse: λ is named, lowered by one press, and put back', async ({ page }) => {
  const diagnosis = await trained(
    page,
    firstArm((i) => ({ entropy: collapsing(i), reward: 0.5 })),
  );
  const finding = await expectFinding(diagnosis, {
    severity: 'Warning',
    title: 'Collapse',
    text: 'Entropy is down to 0.20 nats, 20% of step 1, and reward has stopped rising at 0.50.',
    setting: 'λ',
  });
  const weight = armRow(page, ARM).getByRole('cell').first();
  await expect(weight).toHaveText('1');
  await finding.getByRole('button', { name: `Set λ to 0.5: ${ARM}`, exact: true }).click();
  await expect(armRow(page, `${ARM}*`).getByRole('cell').first()).toHaveText('0.5');
  const slider = page.getByRole('slider', { name: 'Positive-advantage weight' });
  await expect(slider).toHaveAttribute('aria-valuenow', '0.5');
  await expect(finding).toBeHidden();
  await undo(page).click();
  await expect(weight).toHaveText('1');
  await expect(slider).toHaveAttribute('aria-valuenow', '1');
  await expect(finding).toBeVisible();
});

test('entropy collapse where a batch is used once: the KL coefficient, since λ does nothing', async ({
  page,
}) => {
  // Without a ratio objective there is no clip that could be inert.
  const link = linkTo({ minibatches: 1, epochs: 1, objective: 'reinforce' });
  const diagnosis = await trained(
    page,
    firstArm((i) => ({ entropy: collapsing(i), reward: 0.5 })),
    link,
  );
  const finding = await expectFinding(diagnosis, {
    severity: 'Warning',
    title: 'Collapse',
    text: 'Entropy is down to 0.20 nats, 20% of step 1, and reward has stopped rising at 0.50.',
    setting: 'KL coefficient',
  });
  await expectLiveChange(page, finding, 'KL coefficient to 0.05', {
    label: 'KL to the base policy',
    from: '0',
    to: '0.05',
  });
});

test('entropy collapse of a task that is solved: words, and no change to make', async ({
  page,
}) => {
  const diagnosis = await trained(
    page,
    firstArm((i) => ({ entropy: collapsing(i), reward: 0.95 })),
  );
  await expectFinding(diagnosis, {
    severity: 'Note',
    title: 'Collapse',
    text: 'Entropy is down to 0.20 nats, 20% of step 1, at reward 0.95: it has settled on its answers, and most are right.',
    setting: 'λ',
  });
  await expect(diagnosis.getByRole('button')).toHaveCount(0);
});

/** Presses the one change of a finding that acts at the next update, and takes it back. */
async function expectLiveChange(
  page: Page,
  finding: Locator,
  change: string,
  control: { label: string; from: string; to: string },
): Promise<void> {
  await page.getByRole('button', { name: `More settings of ${ARM}`, exact: true }).click();
  const field = page.getByRole('textbox', { name: control.label, exact: true });
  await expect(field).toHaveValue(control.from);
  await expect(finding.getByRole('button')).toHaveCount(1);
  await finding.getByRole('button', { name: `Set ${change}: ${ARM}`, exact: true }).click();
  await expect(field).toHaveValue(control.to);
  await expect(armRow(page, `${ARM}*`)).toBeVisible();
  const said = `${ARM}: ${change}. Judged again when 10 steps have been trained with it.`;
  await expect(page.getByRole('paragraph').filter({ hasText: said }).first()).toBeVisible();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of ${STEPS}`);
  await expect(finding).toBeHidden();
  await undo(page).click();
  await expect(field).toHaveValue(control.from);
  await expect(armRow(page, ARM)).toBeVisible();
  await expect(finding).toBeVisible();
}

const rising: Course = (i) => ({ entropy: 1 + 0.02 * i, reward: falling(i) });

test('entropy explosion: the learning rate is halved by one press, and put back', async ({
  page,
}) => {
  const diagnosis = await trained(page, firstArm(rising));
  const finding = await expectFinding(diagnosis, {
    severity: 'Alarm',
    title: 'Explosion',
    text: 'Entropy has risen from 1.00 to 1.41 nats, of at most ln V = 2.71, while reward fell from 0.50 to 0.25.',
    setting: 'learning rate',
  });
  await expectLiveChange(page, finding, 'learning rate to 1.5e−4', {
    label: 'Learning rate',
    from: '0.0003',
    to: '0.00015',
  });
});

test('entropy explosion under a bonus: the bonus is what to lower', async ({ page }) => {
  const diagnosis = await trained(page, firstArm(rising), linkTo({ entropy_coef: 0.2 }));
  const finding = await expectFinding(diagnosis, {
    severity: 'Alarm',
    title: 'Explosion',
    text: 'Entropy has risen from 1.00 to 1.41 nats, of at most ln V = 2.71, while reward fell from 0.50 to 0.25.',
    setting: 'entropy bonus',
  });
  await expectLiveChange(page, finding, 'entropy bonus to 0.01', {
    label: 'Entropy bonus',
    from: '0.2',
    to: '0.01',
  });
});

test('numbers that are not finite: a third of the learning rate, and put back', async ({
  page,
}) => {
  // Before there are enough steps to judge a course by, and with the numbers of that step unknown.
  const lost = { skipped_updates: 16, grad_norm: NaN, loss: NaN, approx_kl: NaN };
  const diagnosis = await open(
    page,
    firstArm((i) => (i === 2 ? lost : {})),
  );
  const step = page.getByRole('button', { name: 'Step', exact: true });
  for (let done = 1; done <= 3; done++) {
    await expect(diagnosis.getByRole('listitem')).toHaveCount(0);
    await step.click();
    await expect(page.getByRole('status')).toHaveText(`step ${done} of ${STEPS}`);
  }
  const told = {
    severity: 'Alarm',
    title: 'Not finite',
    text: '16 updates were left out since step 1, because the gradient was not finite.',
    setting: 'learning rate',
  };
  await expectFinding(diagnosis, told);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of ${STEPS}`);
  const finding = await expectFinding(diagnosis, told);
  await page.getByRole('button', { name: `More settings of ${ARM}`, exact: true }).click();
  const field = page.getByRole('textbox', { name: 'Learning rate', exact: true });
  await expect(field).toHaveValue('0.0003');
  const name = `Set learning rate to 1e−4: ${ARM}`;
  await finding.getByRole('button', { name, exact: true }).click();
  await expect(field).toHaveValue('0.0001');
  await undo(page).click();
  await expect(field).toHaveValue('0.0003');
  await expect(finding.getByRole('button', { name, exact: true })).toBeVisible();
});

test('updates that were left out before a change are not held against it', async ({ page }) => {
  const diagnosis = await trained(
    page,
    firstArm((i) => ({ skipped_updates: i === 2 ? 16 : 0 })),
  );
  const finding = diagnosis.getByRole('listitem');
  await finding.getByRole('button', { name: /^Set learning rate to 1e−4/ }).click();
  await expect(diagnosis.getByText(/Judged again when 10 steps/).first()).toBeVisible();
  await expect(finding).toHaveCount(0);
});

test('learning rate too high: halved by one press, and put back', async ({ page }) => {
  const diagnosis = await trained(
    page,
    firstArm((i) => ({ approx_kl: 0.14, reward: falling(i) })),
  );
  const finding = await expectFinding(diagnosis, {
    severity: 'Alarm',
    title: 'Too fast',
    text: 'Updates go too far: a step moves the policy by 0.14 nats (approximate KL; 0.1 is too much), and reward fell from 0.47 to 0.25.',
    setting: 'learning rate',
  });
  await expectLiveChange(page, finding, 'learning rate to 1.5e−4', {
    label: 'Learning rate',
    from: '0.0003',
    to: '0.00015',
  });
});

/** Presses the one change of a finding that starts all arms over, and takes it back. */
async function expectChangeThatStartsOver(
  page: Page,
  finding: Locator,
  given: { arm: string; change: string; label: string; from: string; to: string; total: number },
): Promise<void> {
  const { arm, change, label, from, to, total } = given;
  await expectInRecipe(page, arm, label, from);
  await expect(finding.getByRole('button')).toHaveCount(1);
  const name = `Set ${change}, start over: ${arm}`;
  await finding.getByRole('button', { name, exact: true }).click();
  await expect(page.getByRole('status')).toHaveText(`step 0 of ${total}`);
  const said = `${arm}: ${change}. All arms start over; press Run.`;
  await expect(page.getByRole('paragraph').filter({ hasText: said }).first()).toBeVisible();
  await expect(finding).toBeHidden();
  await expect(armRow(page, `${arm}*`)).toBeVisible();
  await expectInRecipe(page, arm, label, to);
  await undo(page).click();
  await expect(armRow(page, arm)).toBeVisible();
  await expectInRecipe(page, arm, label, from);
}

for (const { reward, severity, answers } of [
  { reward: 0, severity: 'Warning', answers: 'wrong' },
  { reward: 1, severity: 'Note', answers: 'right' },
]) {
  test(`all groups with equal rewards, all ${answers}: dynamic sampling`, async ({ page }) => {
    const diagnosis = await trained(
      page,
      firstArm(() => ({ zero_variance_groups: 8, reward })),
    );
    const finding = await expectFinding(diagnosis, {
      severity,
      title: 'No signal',
      text: `In 8.0 of 8 groups all answers were ${answers} over the last 6 steps: hardly anything is left to learn from.`,
      setting: 'dynamic sampling',
    });
    await expectChangeThatStartsOver(page, finding, {
      arm: ARM,
      change: 'dynamic sampling to 3',
      label: 'Dynamic sampling',
      from: '0',
      to: '3',
      total: STEPS,
    });
  });
}

test('clip that does nothing with one update a rollout: said before a step is trained', async ({
  page,
}) => {
  const experiment = 'off-policy-updates';
  const recording = firstArm(() => ({}), record({ steps: STEPS, experiment }));
  const diagnosis = await open(page, recording, `/?experiment=${experiment}`);
  const told = {
    // Of the five arms the others use a rollout for two updates and more.
    arm: '1 update',
    severity: 'Note',
    title: 'Clip inert',
    text: 'One update a step: every ratio is 1, so the clip bounds do nothing and λ hardly anything.',
    setting: 'minibatches',
  };
  await expectFinding(diagnosis, told);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText(`step ${STEPS} of 40`);
  const finding = await expectFinding(diagnosis, told);
  await expectChangeThatStartsOver(page, finding, {
    arm: told.arm,
    change: 'minibatches to 4',
    label: 'Minibatches',
    from: '1',
    to: '4',
    total: 40,
  });
  // It is the settings that say so, so it is said again.
  await expectFinding(diagnosis, told);
});

test('a finding of several arms: one press changes them all, and one undo puts them back', async ({
  page,
}) => {
  const diagnosis = await trained(
    page,
    firstArms(2, (i) => ({ entropy: collapsing(i), reward: 0.5 })),
    linkTo({}, [
      { name: 'one', set: {} },
      { name: 'two', set: { clip_low: 0.3 } },
    ]),
  );
  const finding = await expectFinding(diagnosis, {
    arm: 'one two',
    severity: 'Warning',
    title: 'Collapse',
    text: 'Entropy is down to 0.20 nats, 20% of step 1, and reward has stopped rising at 0.50.',
    setting: 'λ',
  });
  await finding.getByRole('button', { name: 'Set λ to 0.5: one, two', exact: true }).click();
  for (const name of ['one*', 'two*'])
    await expect(armRow(page, name).getByRole('cell').first()).toHaveText('0.5');
  await undo(page).click();
  for (const name of ['one', 'two'])
    await expect(armRow(page, name).getByRole('cell').first()).toHaveText('1');
  await expect(undo(page)).toBeDisabled();
});

test('arms that need different values of a setting are each offered their own', async ({
  page,
}) => {
  const diagnosis = await trained(
    page,
    firstArms(2, (i) => ({ skipped_updates: i === 2 ? 1 : 0 })),
    linkTo({}, [
      { name: 'fast', set: { learning_rate: 3e-3 } },
      { name: 'slow', set: { learning_rate: 3e-5 } },
    ]),
  );
  await expect(diagnosis.getByRole('button')).toHaveCount(2);
  await diagnosis.getByRole('button', { name: 'Set learning rate to 1e−5: slow' }).click();
  await expect(armRow(page, 'slow*')).toBeVisible();
  await expect(armRow(page, 'fast')).toBeVisible();
  await expect(
    diagnosis.getByRole('button', { name: 'Set learning rate to 0.001: fast' }),
  ).toBeVisible();
});
