import type { LiveSetting } from '../recipe/live';
import { armRecipes, type Experiment } from '../recipe/experiment';
import { defaultExperiment } from '../recipe/presets';
import { EngineClient } from '../worker/client';
import type { ArmSpec, Event } from '../worker/protocol';
import {
  armSpecs,
  changeSetting,
  confirmSetting,
  loadExperiment,
  restoreSettings,
  settleSettings,
  useExperiment,
} from './experiment';
import { clearGroups, receiveGroups } from './rollouts';
import { advance, canTrain, START, useRun } from './run';
import { series } from './series';
import { useView } from './view';

let client: EngineClient | null = null;

/** Starts the worker. The experiment is chosen when it says what adapter there is. */
export function connect(): void {
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
  if (canTrain(useRun.getState().status)) client?.set(arm, setting, value);
}

function prepare(): void {
  const { adapter } = useRun.getState();
  if (client === null || adapter === null) return;
  clearRun();
  useRun.setState({ ...START, adapter, status: 'preparing', total: totalSteps() });
  client.prepare(armSpecs());
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
      return series.append(event.arms);
    case 'rollouts':
      return receiveGroups(event.groups);
    case 'paused':
    case 'finished':
      return series.ticker.bump();
    case 'applied': {
      const from = confirmSetting(event.arm, event.setting, event.value);
      return series.mark({ ...event, from, to: event.value });
    }
    default:
  }
}

/** The worker is there and says what it runs on. */
function open(software: boolean): void {
  if (useRun.getState().status !== 'connecting') return;
  load(software);
  prepare();
}

/** Takes up the default experiment if there is none yet; also where nothing can run, so that the page reads. */
function load(software: boolean): void {
  if (useExperiment.getState().arms.length > 0) return;
  const experiment = defaultExperiment(software);
  const arms = firstSeed(experiment);
  loadExperiment(experiment.name, arms);
  useView.getState().choose(arms[0]?.id ?? '');
}

/** The page trains one seed of each arm. */
function firstSeed(experiment: Experiment): ArmSpec[] {
  const seed = experiment.seeds[0] ?? experiment.base.seed;
  return armRecipes(experiment).map((arm) => ({ ...arm, recipe: { ...arm.recipe, seed } }));
}

function totalSteps(): number {
  return Math.max(0, ...useExperiment.getState().arms.map((arm) => arm.recipe.steps));
}

function clearRun(): void {
  series.clear();
  clearGroups();
}
