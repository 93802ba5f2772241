import type { Problem } from '../recipe/untrusted';
import { adoptRun, runOnPage, useAutosave } from './autosave';
import { dropChoice } from './catalogue';
import { useCheckpoints } from './checkpoints';
import { saveSoon, takeUpKept } from './engine';
import { forkableSteps, forkOf, startOf, type Fork } from './fork';
import { experimentOf } from './kept_run';
import { busily, LOCKED, prepared, stopped } from './library';
import { linkTo } from './link';
import { isLocked } from './lesson';
import { useRun } from './run';
import { showKept } from './show_kept';

/**
 * Forks the run on the page at one of its steps, and takes the fork up in its place, paused; the parent stays kept.
 * Returns what is wrong; nothing has changed then, but that training is paused.
 */
export async function forkPage(fork: Fork): Promise<readonly Problem[]> {
  let problems: readonly Problem[] = [];
  if (isLocked()) return [{ key: 'lock', message: LOCKED }];
  await busily(async () => {
    await stopped();
    const { kept } = useCheckpoints.getState();
    const parent = runOnPage();
    const steps = parent && forkableSteps(parent, kept);
    if (parent === null || steps === null || fork.step < steps.first || fork.step > steps.last) {
      problems = [{ key: 'step', message: `Step ${fork.step} can no longer be forked at.` }];
      return;
    }
    const created = new Date().toISOString();
    const name = forkName(fork.name, parent.name);
    const forked = forkOf(parent, fork, { id: crypto.randomUUID(), name, created });
    if (!forked.ok) {
      ({ problems } = forked);
      return;
    }
    const { run, of } = forked.value;
    dropChoice();
    takeUpKept(experimentOf(run), {
      step: run.step,
      from: { ...startOf(parent, fork, kept), of },
      show: () => showKept(run, run.step),
    });
    adoptRun(run, null, null);
    linkTo(null);
    // Its own first save: in this one its runs have their new names.
    if (await prepared()) saveSoon();
  });
  return problems;
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
export function useForkSteps(): ForkSteps | null {
  const kept = useCheckpoints((state) => state.kept);
  const parent = useAutosave((state) => state.run?.parent ?? null);
  const step = useRun((state) => state.step);
  const range = forkableSteps({ step, parent }, kept);
  return range && { ...range, kept: kept.map((checkpoint) => checkpoint.step) };
}

/** Steps that a fork trains again first. */
export function stepsAgain({ kept }: ForkSteps, step: number): number {
  return step - (kept.findLast((own) => own <= step) ?? 0);
}
