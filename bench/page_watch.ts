import type { Page } from '@playwright/test';

/** What is measured inside the page. Times in milliseconds since navigation. */
interface Watched {
  readonly longTasks: { readonly start: number; readonly ms: number }[];
  readonly slowFrames: { readonly start: number; readonly ms: number }[];
  /** When the page could first be clicked, and when Run could. */
  usable: number | null;
  runEnabled: number | null;
}

type Watching = Window & { watched: Watched };

/** Watches long tasks, slow frames and the first moments of every page that is opened; call before `goto`. */
export async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const watched: Watched = { longTasks: [], slowFrames: [], usable: null, runEnabled: null };
    Object.assign(window, { watched });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries())
        watched.longTasks.push({ start: startTime, ms: duration });
    }).observe({ type: 'longtask', buffered: true });
    let before = performance.now();
    const frame = () => {
      const now = performance.now();
      if (now - before > 50) watched.slowFrames.push({ start: before, ms: now - before });
      before = now;
      if (document.querySelector('.lessons-button') !== null) watched.usable ??= now;
      const run = document.querySelector<HTMLButtonElement>('.transport .button-main');
      if (run?.disabled === false) watched.runEnabled ??= now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

export interface Opening {
  readonly firstContentfulPaintMs: number;
  readonly usableMs: number;
  readonly runEnabledMs: number;
}

/** How the page came up. Call when Run is enabled. */
export async function openingOf(page: Page): Promise<Opening> {
  return page.evaluate(() => {
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    const { usable, runEnabled } = (window as unknown as Watching).watched;
    return {
      firstContentfulPaintMs: paint?.startTime ?? NaN,
      usableMs: usable ?? NaN,
      runEnabledMs: runEnabled ?? NaN,
    };
  });
}

/** What a stretch of time did to the main thread. */
export interface Phase {
  readonly name: string;
  readonly seconds: number;
  /** Tasks of 50 ms and more. */
  readonly longTasks: number;
  readonly longestTaskMs: number;
  /** Time between two frames, where it was more than 50 ms. */
  readonly longestFrameMs: number;
}

export async function phaseOf(page: Page, name: string, work: () => Promise<void>): Promise<Phase> {
  const from = await page.evaluate(() => performance.now());
  await work();
  // Entries come after their task.
  await page.waitForTimeout(300);
  return page.evaluate(
    ({ from, name }) => {
      const { longTasks, slowFrames } = (window as unknown as Watching).watched;
      const within = (all: Watched['longTasks']) => all.filter(({ start }) => start >= from);
      const longest = (all: Watched['longTasks']) =>
        Math.round(Math.max(0, ...within(all).map(({ ms }) => ms)));
      return {
        name,
        seconds: Number(((performance.now() - from) / 1000).toFixed(1)),
        longTasks: within(longTasks).length,
        longestTaskMs: longest(longTasks),
        longestFrameMs: longest(slowFrames),
      };
    },
    { from, name },
  );
}
