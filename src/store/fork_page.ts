import type { Problem } from '../recipe/untrusted';
import { adoptRun, runOnPage } from './autosave';
import { dropChoice } from './catalogue';
import { useCheckpoints } from './checkpoints';
import { saveSoon, takeUpKept } from './engine';
import { forkOf, type Fork } from './fork';
import { experimentOf } from './kept_run';
import { busily, LOCKED, prepared, stopped } from './library';
import { linkTo } from './link';
import { isLocked } from './lesson';
import { showKept } from './show_kept';

/**
 * Forks the run on the page at one of its checkpoints, and takes the fork up in its place, paused; the parent stays kept.
 * Returns what is wrong; nothing has changed then, but that training is paused.
 */
export async function forkPage(fork: Fork): Promise<readonly Problem[]> {
  let problems: readonly Problem[] = [];
  if (isLocked()) return [{ key: 'lock', message: LOCKED }];
  await busily(async () => {
    await stopped();
    const { kept } = useCheckpoints.getState();
    const checkpoint = kept.find(({ step }) => step === fork.step);
    const parent = runOnPage();
    if (checkpoint === undefined || parent === null) {
      problems = [{ key: 'step', message: `Step ${fork.step} is no longer kept; choose another.` }];
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
      from: { bytes: checkpoint.bytes, of },
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

/** Where the arms on the page can be forked, newest first. */
export function useForkSteps(): readonly number[] {
  const kept = useCheckpoints((state) => state.kept);
  return kept.map(({ step }) => step).reverse();
}
