import { create } from 'zustand';
import type { CatalogueEntry } from '../recipe/catalogue';
import type { Experiment } from '../recipe/experiment';
import { problemText, quoted, type Result } from '../recipe/untrusted';
import { ensureExperiment, takeUp, takeUpDefault } from './engine';
import { fetchCatalogue, fetchExperiment, MOST_RUNS, notForThePage } from './experiment_files';
import { lacking } from './policies';
import { experimentHeldByLink, experimentInLink, linkTo } from './link';

/** Experiments that are not offered: they train nothing, or more arms than the page draws. A test holds this to the files. */
export const COMMAND_LINE_ONLY: readonly string[] = [
  'identity',
  'clip-selects',
  'clip-selects-chain',
  'neighbours',
];

export interface CatalogueState {
  /** All experiments, in teaching order; empty until the list is here. */
  readonly entries: readonly CatalogueEntry[];
  /** The experiment whose file is on its way, or null. */
  readonly loading: string | null;
  /** Why the last choice was not taken up, in a sentence, or null. */
  readonly refusal: string | null;
}

/** The experiments to choose from, and how the last choice went. */
export const useCatalogue = create<CatalogueState>(() => ({
  entries: [],
  loading: null,
  refusal: null,
}));

/** The newest choice; an older one whose file comes late is dropped. */
let newest = 0;

/** Reads the list, then opens the experiment that the address asks for, if any. Nothing starts to train. */
export async function openCatalogue(): Promise<void> {
  const choice = newest;
  const linked = experimentInLink();
  useCatalogue.setState({ loading: linked });
  const list = await fetchCatalogue();
  if (list.ok) useCatalogue.setState({ entries: list.value });
  if (choice !== newest) return;
  const held = experimentHeldByLink();
  if (held !== null) await takeUpHeld(held);
  else if (!list.ok) refuseChoice(problemText(list.problems));
  else if (linked !== null) await chooseExperiment(linked);
}

/** A link that is pasted into the address of the page as it stands does not load it anew. Call once. */
export function followAddress(): void {
  window.addEventListener('hashchange', () => {
    const held = experimentHeldByLink();
    if (held === null) return;
    newest += 1;
    void takeUpHeld(held);
  });
}

/** Something else was taken up: a file that is still on its way is not wanted any more. */
export function dropChoice(): void {
  newest += 1;
  useCatalogue.setState({ loading: null });
}

/** Tells whether anything was chosen since. */
export const choiceNow = (): number => newest;

/** An experiment that came whole in the address. */
async function takeUpHeld(held: Result<Experiment>): Promise<void> {
  const choice = newest;
  const obstacle = held.ok ? notForThePage(held.value) : null;
  if (!held.ok) return refuseChoice(`${LINK_REFUSED} ${problemText(held.problems)}`);
  if (obstacle !== null) return refuseChoice(`${LINK_REFUSED} The experiment ${obstacle}.`);
  const lacks = await lacking(held.value);
  if (choice !== newest) return;
  if (lacks !== null) return refuseChoice(`${LINK_REFUSED} ${lacks}`);
  const { arms, seeds } = held.value;
  takeUp(held.value, null, seeds.slice(0, Math.floor(MOST_RUNS / arms.length)));
  useCatalogue.setState({ loading: null, refusal: null });
}

const LINK_REFUSED = 'The experiment in the link was not taken up.';

/**
 * Takes up an experiment of the catalogue, or the default one (null). What is on the page goes on until the file has
 * been read and found good; where it is not, the page stays as it is and says why.
 */
export async function chooseExperiment(id: string | null): Promise<void> {
  const choice = (newest += 1);
  if (id === null) {
    takeUpDefault();
    return chosen(null);
  }
  const entry = useCatalogue.getState().entries.find((candidate) => candidate.id === id);
  if (entry === undefined) return refuseChoice(`There is no experiment ${quoted(id)}.`);
  useCatalogue.setState({ loading: id, refusal: null });
  const read = await fetchExperiment(entry);
  if (choice !== newest) return;
  if (!read.ok) return refuseChoice(problemText(read.problems));
  takeUp(read.value, id);
  chosen(id);
}

function chosen(id: string | null): void {
  linkTo(id);
  useCatalogue.setState({ loading: null, refusal: null });
}

function refuseChoice(refusal: string): void {
  useCatalogue.setState({ loading: null, refusal });
  ensureExperiment();
}
