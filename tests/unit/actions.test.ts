import { describe, expect, test, vi } from 'vitest';
import { rank } from '../../src/ui/commands/ranking';

// The registry reaches the engine's client, which would start a worker.
vi.stubGlobal('Worker', class {});
const { ACTION_GROUPS, ACTIONS, actionOf } = await import('../../src/ui/actions');
const { keysOf } = await import('../../src/ui/commands/Keys');

const press = (key: string, held: Partial<KeyboardEvent> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});
const labelOf = (key: string, held: Partial<KeyboardEvent> = {}) =>
  actionOf(press(key, held))?.label;

describe('the registry', () => {
  test('labels and shortcuts are unique, groups known', () => {
    const labels = ACTIONS.map(({ label }) => label);
    expect(new Set(labels).size).toBe(labels.length);
    const keys = ACTIONS.flatMap(({ shortcut }) =>
      shortcut ? [keysOf(shortcut, false).join('+')] : [],
    );
    expect(new Set(keys).size).toBe(keys.length);
    for (const { group } of ACTIONS) expect(ACTION_GROUPS).toContain(group);
  });

  test('every shortcut finds its own action', () => {
    for (const action of ACTIONS) {
      if (action.shortcut === undefined) continue;
      const { key, mod = false, shift = false } = action.shortcut;
      expect(actionOf(press(key, { ctrlKey: mod, shiftKey: shift }))).toBe(action);
    }
  });

  test('keys as people press them', () => {
    expect(labelOf(' ')).toBe('Run or pause');
    expect(labelOf('?', { shiftKey: true })).toBe('Keyboard help');
    expect(labelOf('?')).toBe('Keyboard help');
    expect(labelOf('k', { metaKey: true })).toBe('Commands');
    expect(labelOf('K', { ctrlKey: true })).toBe('Commands');
    expect(labelOf('Z', { ctrlKey: true, shiftKey: true })).toBe('Redo');
    expect(labelOf('z', { ctrlKey: true })).toMatch(/^Undo/);
  });

  test('what belongs to the browser stays there', () => {
    expect(labelOf('k')).toBeUndefined();
    expect(labelOf('.', { ctrlKey: true })).toBeUndefined();
    expect(labelOf(' ', { altKey: true })).toBeUndefined();
    expect(labelOf('k', { ctrlKey: true, shiftKey: true })).toBeUndefined();
    expect(labelOf('a')).toBeUndefined();
  });

  test('keys are named as the keyboard has them', () => {
    expect(keysOf({ key: 'z', mod: true, shift: true }, false)).toEqual(['Ctrl', 'Shift', 'Z']);
    expect(keysOf({ key: 'z', mod: true, shift: true }, true)).toEqual(['⌘', '⇧', 'Z']);
    expect(keysOf({ key: ' ' }, false)).toEqual(['Space']);
  });
});

describe('finding an action', () => {
  const score = (typed: string) => rank('Choose arm λ 0.5', typed, ['colour']);

  test('every word typed must begin a word', () => {
    expect(score('arm 0.5')).toBeGreaterThan(0);
    expect(score('cho')).toBeGreaterThan(0);
    expect(score('col')).toBeGreaterThan(0);
    expect(score('oose')).toBe(0);
    expect(score('arm 0.7')).toBe(0);
  });

  test('the beginning of a label counts most, further words least', () => {
    expect(score('choose')).toBeGreaterThan(score('arm'));
    expect(score('arm')).toBeGreaterThan(score('colour'));
  });

  test('nothing typed fits everything', () => {
    expect(score(' ')).toBe(1);
  });
});
