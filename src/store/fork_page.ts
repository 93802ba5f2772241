import { refuse, type Problem, type Result } from '../recipe/untrusted';
import type { KeptRun } from '../storage/run_file';
import { adoptRun, runOnPage, useAutosave } from './autosave';
import { choiceNow, dropChoice } from './catalogue';
import { useCheckpoints } from './checkpoints';
import { saveSoon, takeUpKept } from './engine';
import { forkableSteps, forkOf, startOf, type Fork } from './fork';
import { experimentOf } from './kept_run';
import { busily, LOCKED, prepared, stopped } from './library';
import { linkTo } from './link';
import { fallBackTo } from './recovery';
import { isLocked } from './lesson';
import { useRun } from './run';
import { showKept } from './show_kept';

/**
 * Forks the run on the page at one of its steps, and takes the fork up in its place; the parent stays kept. Returns what
 * is wrong; nothing has changed then, but that training is paused. Training steps again goes on after this returns, and
 * ends like any preparation: paused at the step, or failed.
 */
export async function forkPage(fork: Fork): Promise<readonly Problem[]> {
  let problems: readonly Problem[] = [];
  let forked: KeptRun | null = null;
  if (isLocked()) return [{ key: 'lock', message: LOCKED }];
  await busily(async () => {
    await stopped();
    const result = takeUpFork(fork);
    if (result.ok) forked = result.value;
    else ({ problems } = result);
  });
  if (forked !== null) void keepWhenThere(forked);
  return problems;
}

function takeUpFork(fork: Fork): Result<KeptRun> {
  const { kept } = useCheckpoints.getState();
  const parent = runOnPage();
  const steps = parent && forkableSteps(parent, kept);
  if (parent === null || steps === null || fork.step < steps.first || fork.step > steps.last) {
    return refuse('step', `Step ${fork.step} can no longer be forked at.`);
  }
  const created = new Date().toISOString();
  const name = forkName(fork.name, parent.name);
  const forked = forkOf(parent, fork, { id: crypto.randomUUID(), name, created });
  if (!forked.ok) return forked;
  const { run, of } = forked.value;
  dropChoice();
  fallBackTo(parent.id);
  takeUpKept(experimentOf(run), {
    step: run.step,
    from: { ...startOf(parent, fork, kept), of },
    show: () => showKept(run, run.step),
  });
  linkTo(null);
  return { ok: true, value: run };
}

/** A fork without its weights is nothing to keep: it gets its name and its first save when it has them. */
async function keepWhenThere(run: KeptRun): Promise<void> {
  const choice = choiceNow();
  const there = await prepared();
  if (!there || choice !== choiceNow() || useRun.getState().recorded !== null) return;
  adoptRun(run, null, null);
  saveSoon();
}

const LONGEST = 80;

function forkName(fork: string, parent: string): string {
  return `${fork.trim()}, fork of ${parent}`.slice(0, LONGEST).trim();
}

export interface ForkSteps {
  readonly first: number;
  readonly last: number;
  /** Those whose state is kept, ascending; from others some steps are trained again first. */
  readonly kept: readonly number[];
}

/** Where the arms on the page can be forked; null where nowhere. */
export function forkSteps(): ForkSteps | null {
  const { kept } = useCheckpoints.getState();
  const { step, adapter, recorded } = useRun.getState();
  const parent = useAutosave.getState().run?.parent ?? null;
  const range =
    adapter === null || recorded !== null ? null : forkableSteps({ step, parent }, kept);
  return range && { ...range, kept: kept.map((checkpoint) => checkpoint.step) };
}

/** The same, drawn anew when it changes. */
export function useForkSteps(): ForkSteps | null {
  useCheckpoints();
  useAutosave((state) => state.run?.parent ?? null);
  useRun(({ step, adapter, recorded }) => `${step} ${adapter === null} ${recorded === null}`);
  return forkSteps();
}

/** Steps that a fork trains again first. */
export function stepsAgain({ kept }: ForkSteps, step: number): number {
  return step - (kept.findLast((own) => own <= step) ?? 0);
}
