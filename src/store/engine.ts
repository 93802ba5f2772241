import type { LiveSetting } from '../recipe/live';
import type { Experiment } from '../recipe/experiment';
import { defaultExperiment } from '../recipe/presets';
import { EngineClient } from '../worker/client';
import type { Event } from '../worker/protocol';
import {
  changeSetting,
  confirmSetting,
  forgetExperiment,
  loadExperiment,
  namedRuns,
  restoreSettings,
  settleSettings,
  useExperiment,
} from './experiment';
import { experimentInLink } from './link';
import { clearGroups, receiveGroups } from './rollouts';
import { runId, runOf } from './run_id';
import { advance, canTrain, START, useRun } from './run';
import { series } from './series';
import { useView } from './view';

let client: EngineClient | null = null;

/** The address asks for an experiment whose file is not here yet (catalogue.ts): no other is taken up meanwhile. */
let awaited = false;

/** Starts the worker. The experiment is chosen when it says what adapter there is, or by the page's address. */
export function connect(): void {
  awaited = !hasExperiment() && experimentInLink() !== null;
  client?.close();
  client = null;
  clearRun();
  useRun.setState({ ...START });
  if (!('gpu' in navigator)) {
    load(false);
    useRun.setState({ status: 'failed', total: totalSteps(), failure: { kind: 'noWebGPU' } });
    return;
  }
  client = new EngineClient();
  client.subscribe(receive);
}

/** Starts, or stops after the step that is under way. */
export function toggleRun(): void {
  const { status } = useRun.getState();
  if (status === 'running') client?.pause();
  else if (canTrain(status)) client?.run();
}

/** Trains one step of every arm. */
export function stepOnce(): void {
  const { status } = useRun.getState();
  if (status === 'ready' || status === 'paused') client?.step();
}

/** Back to step 0 and the base policy; the settings stay as they are in the controls. */
export function reset(): void {
  settleSettings();
  if (useRun.getState().status === 'failed') connect();
  else prepare();
}

/** Back to step 0 with the settings that the experiment was loaded with. */
export function restore(): void {
  restoreSettings();
  reset();
}

/** Changes a setting of one arm; it shows at once and acts at the arm's next update, or after a reset when there is none. */
export function setLive(arm: string, setting: LiveSetting, value: number | null): void {
  changeSetting(arm, setting, value);
  if (!canTrain(useRun.getState().status)) return;
  for (const seed of useExperiment.getState().seeds) client?.set(runId(arm, seed), setting, value);
}

/** Replaces the experiment, and the run of the one before, by another at step 0. Nothing starts to train. */
export function takeUp(experiment: Experiment, id: string): void {
  awaited = false;
  place(experiment, id);
  startOver();
}

/** Goes back to the default experiment; which one that is may have to wait for what the worker finds to run on. */
export function takeUpDefault(): void {
  forgetExperiment();
  ensureExperiment();
}

/** Takes up the default experiment unless there is one: none is on its way any more. */
export function ensureExperiment(): void {
  awaited = false;
  const { status, adapter } = useRun.getState();
  if (hasExperiment() || (adapter === null && status !== 'failed')) return;
  load(adapter?.software ?? false);
  startOver();
}

/** Without an adapter there is nothing to start again: the experiment is there to be read, and the failure stays. */
function startOver(): void {
  const { status, adapter } = useRun.getState();
  if (status !== 'failed' || adapter !== null) return reset();
  clearRun();
  useRun.setState({ step: 0, total: totalSteps() });
}

function prepare(): void {
  const { adapter } = useRun.getState();
  if (client === null || adapter === null) return;
  clearRun();
  useRun.setState({ ...START, adapter, status: 'preparing', total: totalSteps() });
  client.prepare(namedRuns());
}

function receive(event: Event): void {
  useRun.setState((state) => advance(state, event, performance.now()));
  switch (event.type) {
    case 'adapter':
      return open(event.facts.software);
    case 'failed':
      load(false);
      return useRun.setState({ total: totalSteps() });
    case 'metrics':
      return series.append(event.runs);
    case 'rollouts':
      return receiveGroups(event.groups);
    case 'paused':
    case 'finished':
      return series.ticker.bump();
    case 'applied':
      return confirm(event);
    default:
  }
}

/** The worker is there and says what it runs on. */
function open(software: boolean): void {
  if (useRun.getState().status !== 'connecting') return;
  load(software);
  if (hasExperiment()) prepare();
}

/** Takes up the default experiment if there is none yet; also where nothing can run, so that the page reads. */
function load(software: boolean): void {
  if (!hasExperiment() && !awaited) place(defaultExperiment(software), null);
}

function place(experiment: Experiment, id: string | null): void {
  loadExperiment(experiment, { id, seeds: experiment.seeds.slice(0, 1) });
  useView.getState().choose(useExperiment.getState().arms[0]?.id ?? '');
}

/** The runs of an arm take a change over together; the first speaks for all. */
function confirm({ run, setting, value, step }: Extract<Event, { type: 'applied' }>): void {
  const { arm, seed } = runOf(run);
  if (seed !== useExperiment.getState().seeds[0]) return;
  series.mark({ arm, setting, from: confirmSetting(arm, setting, value), to: value, step });
}

function hasExperiment(): boolean {
  return useExperiment.getState().arms.length > 0;
}

function totalSteps(): number {
  return Math.max(0, ...useExperiment.getState().arms.map((arm) => arm.recipe.steps));
}

function clearRun(): void {
  series.clear();
  clearGroups();
}
