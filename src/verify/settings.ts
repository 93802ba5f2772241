import { NEUTRAL, packSettings, SETTINGS_WORDS, type RunSettings } from '../gpu/run_settings';

const DEFAULTS: RunSettings = {
  ...NEUTRAL,
  clip_low: 0.2,
  clip_high: 0.2,
  learning_rate: 1e-3,
  beta1: 0.9,
  beta2: 0.95,
  adam_eps: 1e-8,
};

/** A full row of settings, of a run that trains. */
export const settingsWith = (changes: Partial<RunSettings>): RunSettings => ({
  ...DEFAULTS,
  ...changes,
});

/** The settings of every run as the kernels read them, the rest at its defaults. */
export function settingsBuffer(runs: readonly Partial<RunSettings>[]): Float32Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(runs.length * SETTINGS_WORDS * 4));
  runs.forEach((run, i) => packSettings(view, i, settingsWith(run)));
  return new Float32Array(view.buffer);
}
