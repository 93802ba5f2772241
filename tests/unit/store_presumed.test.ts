import { expect, test, vi } from 'vitest';
import { defaultExperiment } from '../../src/recipe/presets';
import { changeSetting, useExperiment } from '../../src/store/experiment';
import { presume, presumedWrongly } from '../../src/store/presumed';

/** The stores look for it once, when they are made. */
const stored = vi.hoisted(() => {
  const items = new Map<string, string>();
  const localStorage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  };
  vi.stubGlobal('window', { localStorage });
  return items;
});

const shown = () => useExperiment.getState().arms[0]?.recipe.policy;
const policyOf = (software: boolean) => defaultExperiment(software).base.policy;

test('the first visit presumes a graphics processor, the next what there was the last time', () => {
  presume();
  expect(shown()).toBe(policyOf(false));
  expect(presumedWrongly(false)).toBe(false);
  presume();
  expect(presumedWrongly(true)).toBe(true);
  expect(stored.get('rlvr-adapter')).toContain('"software":true');
  presume();
  expect(shown()).toBe(policyOf(true));
  expect(presumedWrongly(true)).toBe(false);
});

test('what somebody has changed meanwhile stays, whatever the adapter is', () => {
  presume();
  changeSetting('arm-1', 'positive_weight', 0.3);
  expect(presumedWrongly(false)).toBe(false);
  expect(shown()).toBe(policyOf(true));
});
