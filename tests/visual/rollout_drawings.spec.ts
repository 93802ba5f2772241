import { expect, test, type Locator, type Page } from '@playwright/test';
import { taskNamed } from '../../src/tasks/registry';
import type { GroupView, RolloutView } from '../../src/worker/protocol';
import { record, type Recording } from './recorded';
import { replay } from './replay';

/** One group of the first arm in which the responses are written out, each a word per token. */
function responses(task: string, prompt: string, texts: readonly string[]): GroupView {
  const { vocabulary, verify, draw } = taskNamed(task);
  const ids = (text: string) => text.split(' ').map((word) => vocabulary.indexOf(word));
  const asked = ids(prompt);
  const rollouts = texts.map((text): RolloutView => {
    const response = ids(text);
    if (response.includes(-1)) throw new Error(`${text}: a token is not of the task`);
    const { reward, reason } = verify(asked, response);
    return {
      tokens: text.split(' '),
      ...{ reward, reason, advantage: reward - 0.5, drawing: draw(asked, response) },
      entropy: response.map(() => 0.5),
      logprob: response.map(() => -0.5),
    };
  });
  return { run: '', step: 0, prompt: prompt.split(' '), rollouts };
}

/** Opens the page on a recording whose first arm answers with these. */
async function open(page: Page, link: string, recording: Recording, own: GroupView): Promise<void> {
  const groups = recording.groups.map((all, step) =>
    all.map((group, arm) => (arm === 0 ? { ...group, ...own, run: group.run, step } : group)),
  );
  await replay(page, { ...recording, groups });
  await page.goto(link);
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
}

const rollouts = (page: Page) => page.getByRole('region', { name: 'Rollouts now' });

/** The card of a response, by its place among them. */
const card = (page: Page, number: number): Locator =>
  rollouts(page)
    .getByRole('listitem')
    .filter({
      has: page.getByRole('toolbar', { name: `Tokens of response ${number}`, exact: true }),
    });

test('countdown: expressions are written out with their value and what was wanted', async ({
  page,
}) => {
  const own = responses('countdown', '1 1 3 8 2 1 =', [
    '3 + 8 ⏎',
    '8 + 3 ⏎',
    '2 - 8 ⏎',
    '8 + 8 ⏎',
    '+ 3 ⏎',
    '⏎',
    '3 + 8 ⏎',
  ]);
  const recording = record({ steps: 1, experiment: 'settling-countdown' });
  await open(page, '/?experiment=settling-countdown', recording, own);
  await expect(
    rollouts(page).getByText(
      /^Prompt 1 1 3 8 2 1 =, before training: 3 of 7 correct, 6 distinct\.$/,
    ),
  ).toBeVisible();

  const expression = (number: number) => card(page, number).locator('.expression');
  const wrong = (number: number) => expression(number).locator('.sum-wrong');
  for (const [number, text] of [
    [1, '3+8 = 11'],
    [2, '8+3 = 11'],
    [3, '2−8 = −6'],
    [4, '8+8 = 16'],
    [5, '+3'],
    [6, '(nothing)'],
  ] as const) {
    await expect(expression(number)).toHaveText(text);
    await expect(card(page, number).getByText('wanted 11 from 3, 8, 2, 1')).toBeVisible();
  }
  await expect(wrong(1)).toHaveCount(0);
  await expect(wrong(3)).toHaveText('= −6');
  await expect(wrong(4)).toHaveText('= 16');
  await expect(card(page, 1)).toContainText('✓ reward 1×2');
  await expect(
    card(page, 1).getByText('3+8 is 11, with each given digit used at most once.'),
  ).toBeVisible();
  await expect(
    card(page, 4).getByText('It uses 8 more often than the prompt gives it.'),
  ).toBeVisible();

  const answers = rollouts(page).getByRole('region', { name: '4 answers in 7 responses' });
  await expect(answers.getByRole('listitem')).toHaveText([
    '✓3 + 8 = 11, right,3',
    '✗not an expression, wrong,2',
    /^✗(\+ )?2 − 8 = −6, wrong,1$/,
    '✗8 + 8 = 16, wrong,1',
  ]);
});

test('chain-sum: running sums stand under the digits they add, with what they should be', async ({
  page,
}) => {
  const own = responses('chain-sum', '3 4 5 6 =', [
    'L 7 2 8 ⏎',
    'L 7 9 5 ⏎',
    'R 1 5 8 ⏎',
    'D 4 ⏎',
    '8 ⏎',
  ]);
  await open(page, '/', record({ steps: 1 }), own);
  const line = (number: number, row: number) =>
    card(page, number).locator('table.chain tr').nth(row).locator('td');
  for (const [number, sums, style] of [
    [1, ['', '7', '2', '8'], 'left to right'],
    [2, ['', '7', '9 should be 2', '5 should be 8'], 'left to right'],
    [3, ['8', '5', '1', ''], 'right to left'],
    [4, ['', '', '', '4 should be 8'], 'a guess'],
    [5, ['', '', '', '8'], 'no known style'],
  ] as const) {
    await expect(line(number, 0)).toHaveText(['3', '+4', '+5', '+6']);
    await expect(line(number, 1)).toHaveText([...sums]);
    await expect(card(page, number).getByText(style, { exact: true })).toBeVisible();
  }
  await expect(card(page, 2).locator('.sum-wrong')).toHaveText(['9', '5']);
  await expect(card(page, 2).locator('.sum-expected')).toHaveText(['2', '8']);
  await expect(
    card(page, 4).getByText('The answer 4 is wrong: 3 + 4 + 5 + 6 ends in 8.'),
  ).toBeVisible();
  await expect(
    rollouts(page)
      .getByRole('region', { name: '5 answers in 5 responses' })
      .getByRole('listitem')
      .first(),
  ).toHaveText('✓left to right, 8, right,1');
});
