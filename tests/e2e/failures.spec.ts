import { expect, test } from '@playwright/test';

const WEBGPU_FLAG = '--enable-unsafe-webgpu';

test('without an adapter the page says so and plays what was recorded', async ({
  browserName,
  baseURL,
  launchOptions,
  playwright,
}) => {
  const args = (launchOptions.args ?? []).filter((arg) => arg !== WEBGPU_FLAG);
  const browser = await playwright[browserName].launch({
    ...launchOptions,
    args: [...args, '--disable-gpu', '--disable-features=WebGPUService'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(baseURL ?? '/');
    await expect(page.getByRole('alert')).toContainText(
      /No graphics adapter is available|This browser has no WebGPU/,
    );
    await expect(page.getByRole('radio', { name: 'Live' })).toBeDisabled();
    await expect(page.getByRole('radio', { name: 'Recorded' })).toBeChecked();
    await expect(page.getByRole('table', { name: 'Arms' }).getByRole('row')).toHaveCount(5);
    await page.getByRole('button', { name: 'Step' }).click();
    await expect(page.getByRole('status')).toHaveText('step 1 of 24');
  } finally {
    await browser.close();
  }
});

test('a lost device is explained, what was trained stays, and a reset starts over', async ({
  browser,
  page,
}) => {
  await page.goto('/');
  const run = page.getByRole('button', { name: 'Run' });
  const status = page.getByRole('status');
  await expect(run).toBeEnabled({ timeout: 120_000 });
  const total = /of (\d+)$/.exec((await status.textContent()) ?? '')?.[1];
  await page.getByRole('button', { name: 'Step' }).click();
  await expect(status).toHaveText(`step 1 of ${total}`, { timeout: 60_000 });

  const devtools = await browser.newBrowserCDPSession();
  await devtools.send('Browser.crashGpuProcess');
  await expect(page.getByRole('alert')).toContainText('The graphics processor was lost');
  await expect(status).toHaveText(`step 1 of ${total}`);
  await expect(run).toBeDisabled();

  await page.getByRole('button', { name: 'Reset' }).click();
  await expect(run).toBeEnabled({ timeout: 120_000 });
  await expect(page.getByRole('alert')).toBeEmpty();
  await page.getByRole('button', { name: 'Step' }).click();
  await expect(status).toHaveText(`step 1 of ${total}`, { timeout: 60_000 });
});
