import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { policyFilesInZip } from '../../src/model/foreign/zip';
import { readPolicyFiles } from '../../src/model/foreign/policy_files';
import { encodeExperiment } from '../../src/recipe/link';
import { parseExperiment } from '../../src/recipe/experiment';
import { bpeFolderPath } from '../setup/hf_bpe';

/** A policy from elsewhere, in and out of the page, on a real device. */

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: true });
const policies = (page: Page) => page.getByRole('dialog', { name: 'Policies' });

/** As small as an experiment can be that trains on the tokens of the fixture. */
const EXPERIMENT = parseExperiment({
  version: 1,
  name: 'Tiny',
  base: {
    task: 'chain-sum',
    prompts_per_step: 2,
    group_size: 4,
    minibatches: 1,
    train_prompts: 8,
    steps: 3,
    entropy_coef: 0.1,
  },
  evaluate: { every: 0, prompts: 2, samples: 2 },
});
if (!EXPERIMENT.ok) throw new Error('the experiment is not valid');
const TINY = `/#x=${encodeExperiment(EXPERIMENT.value)}`;

async function ready(page: Page): Promise<void> {
  await expect(button(page, 'Run')).toBeEnabled({ timeout: 120_000 });
}

async function openPolicies(page: Page): Promise<void> {
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByPlaceholder(/.*/).last().fill('Policies');
  await page.keyboard.press('Enter');
  await expect(policies(page)).toBeVisible();
}

const files = (change: Readonly<Record<string, Buffer>> = {}) =>
  readdirSync(bpeFolderPath).map((name) => ({
    name,
    mimeType: 'application/octet-stream',
    buffer: change[name] ?? readFileSync(join(bpeFolderPath, name)),
  }));

test('a Hugging Face folder is dropped, looked at, sampled, trained, kept, and leaves again', async ({
  page,
}) => {
  await page.goto(TINY);
  await ready(page);
  const client = await page.context().newCDPSession(page);
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await client.send('Input.dispatchDragEvent', {
      type,
      ...{ x: 300, y: 300 },
      data: { items: [], files: [bpeFolderPath.replace(/\/$/, '')], dragOperationsMask: 1 },
    });
  }
  const panel = policies(page);
  await expect(panel.getByText('“bpe” was imported.')).toBeVisible({ timeout: 60_000 });

  await button(page, 'Inspect bpe').click();
  const facts = panel.getByRole('table', { name: 'Facts of bpe' });
  await expect(facts.getByRole('row', { name: /^Tokenizer its own/ })).toBeVisible();
  const tasks = panel.getByRole('table', { name: 'Tasks of bpe' });
  await expect(tasks.getByRole('row', { name: /^chain-sum \d/ })).toBeVisible();
  await expect(tasks.getByRole('row', { name: /^maze .*no single token for "a1"/ })).toBeVisible();

  await button(page, 'Sample bpe').click();
  await panel.getByLabel('Text to go on with').fill('the answer is');
  await panel.getByRole('button', { name: /^Draw/ }).click();
  await expect(panel.getByRole('list', { name: 'Samples' }).getByRole('listitem')).toHaveCount(4, {
    timeout: 60_000,
  });
  const { violations } = await new AxeBuilder({ page }).include('.runs-panel').analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);

  await button(page, 'Train from it bpe').click();
  await expect(panel.getByText('The experiment starts from “bpe”.')).toBeVisible();
  await page.keyboard.press('Escape');
  await ready(page);
  await button(page, 'Step').click();
  await expect(page.getByRole('status')).toHaveText('step 1 of 3', { timeout: 60_000 });
  await expect(page.getByText('Saved at step 1.')).toBeVisible();

  // The page speaks of the policy's tokens, not of the task's.
  const size = (
    JSON.parse(readFileSync(join(bpeFolderPath, 'config.json'), 'utf8')) as { vocab_size: number }
  ).vocab_size;
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByPlaceholder(/.*/).last().fill('ln V');
  await page.keyboard.press('Enter');
  await expect(page.getByText(`ln V = ${Math.log(size).toFixed(2)}`).first()).toBeAttached();

  await page
    .getByRole('table', { name: 'Arms' })
    .getByRole('button', { name: /^Menu of / })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Take elsewhere' }).press('ArrowRight');
  const waiting = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Policy for transformers (zip)' }).click();
  const zip = new Uint8Array(readFileSync(await (await waiting).path()));
  const trained = readPolicyFiles(policyFilesInZip(zip));
  const base = readPolicyFiles(
    new Map(files().map(({ name, buffer }) => [name, new Uint8Array(buffer)])),
  );
  expect(trained.spec).toEqual(base.spec);
  expect(trained.vocabulary).toEqual(base.vocabulary);
  const name = 'model.norm.weight';
  expect(trained.weights.get(name)?.data).not.toEqual(base.weights.get(name)?.data);

  await page.reload();
  await ready(page);
  await button(page, 'Library').click();
  await page.getByRole('button', { name: /^Open/ }).first().click();
  await expect(page.getByRole('status')).toHaveText('step 1 of 3', { timeout: 60_000 });
  await button(page, 'Step').click();
  await expect(page.getByRole('status')).toHaveText('step 2 of 3', { timeout: 60_000 });
});

test('what is no policy, and a link to one that is not here, change nothing', async ({ page }) => {
  await page.goto('/');
  await ready(page);
  await openPolicies(page);
  const panel = policies(page);
  const give = (given: ReturnType<typeof files>) =>
    panel.getByLabel('Policy files').setInputFiles(given);
  const config = JSON.parse(readFileSync(join(bpeFolderPath, 'config.json'), 'utf8')) as object;
  await give(
    files({ 'config.json': Buffer.from(JSON.stringify({ ...config, model_type: 'qwen2' })) }),
  );
  await expect(panel.getByText(/was not imported\. .*"qwen2"/)).toBeVisible();
  await give([{ name: 'x.zip', mimeType: 'application/zip', buffer: Buffer.from('PK not a zip') }]);
  await expect(
    panel.getByText(/“?"?x\.zip"?”? was not imported\. The archive is damaged/),
  ).toBeVisible();
  await expect(panel.getByText('None yet.')).toBeVisible();

  if (!EXPERIMENT.ok) return;
  const named = { ...EXPERIMENT.value.base, policy: 'own-0123456789abcdef' };
  await page.goto(`/#x=${encodeExperiment({ ...EXPERIMENT.value, base: named })}`);
  await page.reload();
  await expect(page.getByText(/starts from the policy own-0123456789abcdef/)).toBeVisible();
  await ready(page);
});
