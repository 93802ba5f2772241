import { test } from '@playwright/test';
import { record } from './recorded';
import { replay } from './replay';
const recording = record({ steps: 24 });
for (const [w, h, scheme] of [[1280, 800, 'dark'], [390, 844, 'light']] as const) {
  test(`shots ${w} ${scheme}`, async ({ page }) => {
    await page.setViewportSize({ width: w, height: h });
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await replay(page, recording);
    await page.goto('/');
    await page.waitForTimeout(1500);
    await page.getByRole('radio', { name: 'Two ways' }).click();
    await page.locator('#softmax').screenshot({ path: `/tmp/shots/softmax-${w}-${scheme}.png` });
    await page.locator('#formula').screenshot({ path: `/tmp/shots/formula-${w}-${scheme}.png` });
    await page.goto('/?lesson=controller');
    await page.waitForTimeout(800);
    await page.getByRole('radio', { name: 'More entropy at no cost.' }).check();
    await page.getByRole('button', { name: 'Begin' }).click();
    for (let i = 0; i < 3; i++) await page.getByRole("button", { name: "Next", exact: true }).click();
    await page.waitForTimeout(800);
    await page.screenshot({ path: `/tmp/shots/closing-${w}-${scheme}.png` });
    await page.locator('.lessons-body').evaluate((e) => e.scrollBy(0, 480));
    await page.screenshot({ path: `/tmp/shots/closing2-${w}-${scheme}.png` });
    await page.goto('/?lesson=one-update');
    await page.waitForTimeout(800);
    await page.getByRole('radio', { name: 'It rises.' }).check();
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('button', { name: /Show me/ }).click();
    await page.waitForTimeout(800);
    await page.screenshot({ path: `/tmp/shots/oneupdate-${w}-${scheme}.png` });
  });
}
