import { LIVE_SETTINGS, type LiveSetting } from '../recipe/live';
import type { Recipe } from '../recipe/recipe';
import { isLive } from '../recipe/schema';
import type { RunRecord } from '../storage/record';
import type { Experiment } from '../recipe/experiment';
import type { Failure } from '../errors/failure';
import { EngineClient } from '../worker/client';
import type { Event, Start } from '../worker/protocol';
import { leaveRun, receiveSaved, saveFound } from './autosave';
import {
  changeSetting,
  confirmSetting,
  forgetExperiment,
  hasExperiment,
  namedRuns,
  restoreSettings,
  settleSettings,
  measurePlan,
  structure,
  takeBack,
  totalSteps,
  useExperiment,
  withAboutHere,
  type ExperimentState,
} from './experiment';
import { forgetHistory, keepOneSeed, remember, useHistory, type HistoryState } from './history';
import { clearFindings, receiveEvaluation, receiveMeasurement, usePending } from './findings';
import { experimentHeldByLink, experimentInLink } from './link';
import { closePlayer, openPlayer, rewindPlayer, stepPlayer, togglePlayer } from './player';
import { clearGroups, receiveGroups } from './rollouts';
import { place, placeDefault } from './place';
import { presume, presumedWrongly } from './presumed';
import { runId, runOf } from './run_id';
import { advance, canTrain, START, useRun } from './run';
import { series } from './series';
import { serveAll } from './served';
import { useShaders } from './shaders';
import { useView } from './view';

let client: EngineClient | null = null;

/** Takes care of a failure by itself, and gives null, or gives what the page is to say of it. */
export type Rescue = (failure: Failure) => Failure | null;
let rescue: Rescue = (failure) => failure;

export function rescueBy(own: Rescue): void {
  rescue = own;
}

/** The address asks for an experiment whose file is not here yet (catalogue.ts): no other is taken up meanwhile. */
let awaited = false;

/** What was on the page before a recorded run took its place; null where nothing is to come back. */
let aside: { readonly experiment: ExperimentState; readonly history: HistoryState } | null = null;

/** What the worker knows of the arms; null before it knows any. */
let told: {
  readonly structure: string;
  readonly recipes: Map<string, Recipe>;
  /** Where it was to begin; undefined: with the base policies. */
  readonly from: Start | undefined;
} | null = null;

/** Starts the worker. The default experiment, unless the address asks for one, is that of the adapter it names. */
export function connect(): void {
  if (useRun.getState().recorded !== null) keepOneSeed();
  aside = null;
  const asked = experimentInLink() !== null || experimentHeldByLink() !== null;
  awaited = !hasExperiment() && asked;
  client?.close();
  client = null;
  serveAll(null);
  forgetSession();
  closePlayer();
  clearRun();
  useRun.setState({ ...START });
  if (!('gpu' in navigator)) {
    load(false);
    useRun.setState({ status: 'failed', total: totalSteps(), failure: { kind: 'noWebGPU' } });
    return;
  }
  if (!hasExperiment() && !awaited) presume();
  useRun.setState({ total: totalSteps() });
  client = new EngineClient();
  client.subscribe(receive);
  serveAll(client);
}

/** Starts, or stops after the step that is under way. */
export function toggleRun(): void {
  const { status, recorded } = useRun.getState();
  if (recorded !== null) togglePlayer();
  else if (status === 'running') client?.pause();
  else if (canTrain(status)) client?.run();
}

/** Trains one step of every arm. */
export function stepOnce(): void {
  const { status, recorded } = useRun.getState();
  if (recorded !== null) stepPlayer();
  else if (status === 'ready' || status === 'paused') client?.step();
}

/** Asks for a save at the next step that is complete. */
export function saveSoon(): void {
  const { step, recorded } = useRun.getState();
  if (step > 0 && recorded === null) client?.save();
}

/** Back to step 0 and the base policy; the settings stay as they are in the controls. */
export function reset(): void {
  if (useRun.getState().recorded !== null) return rewindPlayer();
  settleSettings();
  if (useRun.getState().status === 'failed') connect();
  else prepare();
}

/** Back to step 0 with the settings that the experiment was loaded with. */
export function restore(): void {
  remember('restore');
  restoreSettings();
  reset();
}

/** Changes a setting of one arm; it shows at once and acts at the arm's next update, or after a reset when there is none. */
export function setLive(
  arm: string,
  setting: LiveSetting,
  value: number | null,
  change = `${arm} ${setting}`,
): void {
  if (useRun.getState().recorded !== null) return;
  remember(change);
  tell(arm, setting, value);
}

function tell(arm: string, setting: LiveSetting, value: number | null): void {
  changeSetting(arm, setting, value);
  if (!canTrain(useRun.getState().status)) return;
  const known = told?.recipes.get(arm);
  if (known !== undefined) told?.recipes.set(arm, { ...known, [setting]: value });
  const runs = useExperiment.getState().seeds.map((seed) => runId(arm, seed));
  client?.set(runs, setting, value);
}

/**
 * Brings the worker to the experiment as it stands after an edit: live settings act at the next update, anything else
 * starts all arms over, so that they stay comparable.
 */
export function followExperiment(): void {
  if (useRun.getState().recorded !== null) {
    // What is on the page now, and not what was there before the recording, is what somebody wants to train.
    aside = null;
    return goLive();
  }
  if (told?.structure !== structure()) return startOver();
  for (const { id, recipe } of useExperiment.getState().arms) {
    const known = told.recipes.get(id);
    if (known === undefined) continue;
    for (const setting of LIVE_SETTINGS) {
      if (Object.is(recipe[setting], known[setting])) continue;
      // Back to what the worker has, so that the change is seen as one.
      takeBack(id, setting, known[setting]);
      tell(id, setting, recipe[setting]);
    }
  }
}

/** What was changed while the worker prepared, or was changed back, is told now. */
function catchUp(): void {
  if (told?.structure === structure()) followExperiment();
}

/** Whether a change of these settings starts all arms over. */
export function startsOver(changes: Partial<Recipe>): boolean {
  return (Object.keys(changes) as (keyof Recipe)[]).some((key) => !isLive(key));
}

/** The worker, where what is on the page is what it prepares or trains. */
export function workerOfPage(): EngineClient | null {
  return told === null || useRun.getState().recorded !== null ? null : client;
}

/** Has the worker look closely at one run, and show of every run the prompt at this place of its batches. */
export function watch(run: string, prompt: number): void {
  client?.watch(run, prompt);
}

/** Opens a recorded run in the place of the experiment: it plays where nothing can train, too. */
export function openRecord(record: RunRecord, id: string): void {
  awaited = false;
  const before = { experiment: useExperiment.getState(), history: useHistory.getState() };
  if (useRun.getState().recorded === null) aside = before;
  client?.leave();
  forgetSession();
  clearRun();
  const experiment = withAboutHere(record.experiment, id);
  place(experiment, before.experiment.id, experiment.seeds, id);
  openPlayer(record, id);
}

/** From a recorded run back to training by oneself, at step 0: what was on the page before it, or its arms at one seed. */
export function goLive(): void {
  const { adapter, failure } = useRun.getState();
  if (client === null || (adapter === null && failure === null)) return;
  closePlayer();
  if (aside !== null && aside.experiment.id === useExperiment.getState().id) {
    useExperiment.setState(aside.experiment);
    useHistory.setState(aside.history);
    useView.getState().choose(aside.experiment.arms[0]?.id ?? '');
    settleSettings();
  } else keepOneSeed();
  aside = null;
  useRun.setState({ ...START, adapter });
  if (failure === null) prepare();
  else connect();
}

/** A recorded run on the page is over for good: nothing comes back in its place. */
function leaveRecording(): void {
  aside = null;
  closePlayer();
  useRun.setState({ recorded: null });
}

/** The worker has no weights of what is on the page. */
function forgetSession(): void {
  told = null;
  usePending.setState({ evaluating: false, measuring: null, weights: false });
}

/** Replaces the experiment, and the run of the one before, by another at step 0. Nothing starts to train. */
export function takeUp(experiment: Experiment, id: string | null, seeds?: readonly number[]): void {
  awaited = false;
  leaveRecording();
  place(experiment, id, seeds);
  startOver();
}

/**
 * Takes up an experiment at the step where `from` was saved; `show` fills its series. Without `from` there is nothing to
 * go on from, and it can only be looked at. Nothing starts to train.
 */
export function takeUpKept(
  experiment: ExperimentState,
  kept: { readonly step: number; readonly from: Start | null; readonly show: () => void },
): void {
  awaited = false;
  leaveRecording();
  forgetHistory();
  client?.leave();
  useExperiment.setState(experiment);
  useView.getState().choose(experiment.arms[0]?.id ?? '');
  const { adapter, failure } = useRun.getState();
  if (kept.from !== null && adapter !== null) prepare(kept.from);
  else {
    clearRun();
    forgetSession();
    useRun.setState({ ...START, adapter, failure, status: 'finished', total: totalSteps() });
  }
  kept.show();
  useRun.setState({ step: kept.step });
}

/** Goes back to the default experiment; which one that is may have to wait for what the worker finds to run on. */
export function takeUpDefault(): void {
  leaveRecording();
  forgetExperiment();
  ensureExperiment();
}

/** Takes up the default experiment unless there is one: none is on its way any more. */
export function ensureExperiment(): void {
  awaited = false;
  const { adapter, failure } = useRun.getState();
  if (hasExperiment() || (adapter === null && failure === null)) return;
  load(adapter?.software ?? false);
  startOver();
}

/** Without an adapter there is nothing to start again: the experiment is there to be read, and the failure stays. */
function startOver(): void {
  const { status, adapter, failure } = useRun.getState();
  if (adapter !== null) return reset();
  clearRun();
  useRun.setState({ status: failure === null ? status : 'failed', step: 0, total: totalSteps() });
}

/**
 * Has the worker go on with what is on the page, at its step, from `start`; without one, from where it was to begin last. All
 * that was measured stays as it is.
 */
export function prepareAgain(start = told?.from): void {
  const { step } = useRun.getState();
  begin(start);
  useRun.setState({ step });
}

function prepare(from?: Start): void {
  if (client === null || useRun.getState().adapter === null) return;
  clearRun();
  begin(from);
}

function begin(from?: Start): void {
  const { adapter } = useRun.getState();
  if (client === null) return;
  useRun.setState({ ...START, adapter, status: 'preparing', total: totalSteps() });
  const { arms } = useExperiment.getState();
  const recipes = new Map(arms.map(({ id, recipe }) => [id, recipe]));
  told = { structure: structure(), recipes, from };
  usePending.setState({ weights: true });
  const { evaluate } = useExperiment.getState();
  client.prepare(namedRuns(), from, { evaluate, measure: measurePlan() });
}

function receive(heard: Event): void {
  let event = heard;
  if (event.type === 'adapter') useShaders.setState({ hash: event.shaders });
  // While a recorded run plays, what a paused session still says is not for the page.
  if (useRun.getState().recorded !== null) {
    if (event.type === 'adapter') {
      // What was set aside is then the default for another adapter: on the way back what plays is trained instead.
      if (presumedWrongly(event.facts.software, aside?.experiment)) aside = null;
      useRun.setState({ adapter: event.facts });
    }
    if (event.type === 'failed') useRun.setState({ failure: event.failure });
    return;
  }
  if (event.type === 'failed') {
    const failure = rescue(event.failure);
    if (failure === null) return;
    event = { ...event, failure };
  }
  useRun.setState(advance(useRun.getState(), event, performance.now()));
  switch (event.type) {
    case 'adapter':
      return open(event.facts.software);
    case 'failed':
      load(false);
      return useRun.setState({ total: totalSteps() });
    case 'metrics':
      return series.append(event.runs);
    case 'evaluation':
      receiveEvaluation(event.step, event.runs);
      return saveFound();
    case 'measurement':
      receiveMeasurement(event.step, event.kind, event.runs);
      return saveFound();
    case 'saved':
      return receiveSaved(event);
    case 'rollouts':
      return receiveGroups(event.groups);
    case 'running':
      // What was asked for in the same moment was not heard.
      return usePending.setState({ measuring: null });
    case 'ready':
      return catchUp();
    case 'paused':
      series.ticker.bump();
      return catchUp();
    case 'finished':
      return series.ticker.bump();
    case 'applied':
      return confirm(event);
    default:
  }
}

/** The worker is there and says what it runs on. */
function open(software: boolean): void {
  const wrong = presumedWrongly(software);
  if (useRun.getState().status !== 'connecting') return;
  if (wrong) placeDefault(software);
  load(software);
  if (hasExperiment()) prepare();
}

/** Takes up the default experiment if there is none yet; also where nothing can run, so that the page reads. */
function load(software: boolean): void {
  if (!hasExperiment() && !awaited) placeDefault(software);
}

/** The runs of an arm take a change over together; the first speaks for all. */
function confirm({ run, setting, value, step }: Extract<Event, { type: 'applied' }>): void {
  const { arm, seed } = runOf(run);
  if (seed !== useExperiment.getState().seeds[0]) return;
  series.mark({ arm, setting, from: confirmSetting(arm, setting, value), to: value, step });
}

function clearRun(): void {
  clearFindings();
  leaveRun();
  series.clear();
  clearGroups();
}
