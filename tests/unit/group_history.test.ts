import { beforeEach, describe, expect, test } from 'vitest';
import { groupAt, MOST_STEPS, withGroup, type GroupHistory } from '../../src/store/group_history';
import { useMicroscope } from '../../src/store/microscope';
import type { GroupView, TokenLook } from '../../src/worker/protocol';

const look: TokenLook = { before: [1], drive: [0], after: null };

function group(step: number, options: { looked?: boolean; prompt?: number; tokens?: number } = {}) {
  const { looked = false, prompt = 0, tokens = 1 } = options;
  const made: GroupView = {
    run: 'arm-1#0',
    step,
    prompt: ['1'],
    place: { prompt, of: 4 },
    rollouts: [
      {
        tokens: Array.from({ length: tokens }, () => '1'),
        reward: 1,
        advantage: 0,
        reason: 'It is.',
        drawing: { kind: 'expression', digits: [], target: 1, text: '1', value: 1 },
        entropy: [],
        logprob: [],
        ...(looked && { look }),
      },
    ],
  };
  return made;
}

const after = (steps: readonly number[]): GroupHistory =>
  steps.reduce<GroupHistory>((history, step) => withGroup(history, group(step)), []);
const upTo = (last: number) => Array.from({ length: last + 1 }, (_, step) => step);
const stepsOf = (history: GroupHistory) => history.map(({ step }) => step);

describe('the history of shown groups', () => {
  test('keeps all steps while there is room', () => {
    expect(stepsOf(after(upTo(MOST_STEPS - 1)))).toEqual(upTo(MOST_STEPS - 1));
  });

  test('then keeps the first, all recent ones, and the others evenly', () => {
    const steps = stepsOf(after(upTo(400)));
    expect(steps).toHaveLength(MOST_STEPS);
    expect(steps[0]).toBe(0);
    expect(steps.slice(-24)).toEqual(upTo(400).slice(-24));
    const older = steps.slice(0, -24);
    const gaps = older.slice(1).map((step, i) => step - (older[i] ?? 0));
    expect(Math.max(...gaps) / Math.min(...gaps)).toBeLessThanOrEqual(4);
  });

  test('forgets later steps when training starts over', () => {
    expect(stepsOf(withGroup(after([0, 1, 2, 3]), group(1)))).toEqual([0, 1]);
  });

  test('replaces a step by another prompt of it, not by the same responses seen less closely', () => {
    const looked = withGroup([], group(3, { looked: true }));
    expect(withGroup(looked, group(3))).toEqual(looked);
    expect(withGroup(looked, group(3, { prompt: 2 }))[0]?.place?.prompt).toBe(2);
  });

  test('keeps fewer steps of large groups, but always the newest', () => {
    const large = upTo(10).reduce<GroupHistory>(
      (history, step) => withGroup(history, group(step, { tokens: 25_000 })),
      [],
    );
    expect(stepsOf(large)).toEqual([0, 10]);
    expect(stepsOf(withGroup([], group(1, { tokens: 100_000 })))).toEqual([1]);
  });

  test('finds a step, or the nearest before it', () => {
    const history = after([0, 4, 9]);
    expect(groupAt(history, null)?.step).toBe(9);
    expect(groupAt(history, 4)?.step).toBe(4);
    expect(groupAt(history, 8)?.step).toBe(4);
    expect(groupAt([], null)).toBeNull();
    expect(groupAt(after([5]), 2)?.step).toBe(5);
  });
});

describe('the microscope', () => {
  beforeEach(() => useMicroscope.getState().follow());

  test('stays at the step whose token was opened, until it is told to follow', () => {
    const { open, follow } = useMicroscope.getState();
    open({ response: 'L 1', token: 0 }, 7);
    expect(useMicroscope.getState()).toMatchObject({ at: 7, chosen: { token: 0 } });
    open(null, 7);
    expect(useMicroscope.getState()).toMatchObject({ at: 7, chosen: null });
    follow();
    expect(useMicroscope.getState().at).toBeNull();
  });

  test('goes to the newest step with another prompt', () => {
    const { scrub, showPrompt } = useMicroscope.getState();
    scrub(3);
    showPrompt(2);
    expect(useMicroscope.getState()).toMatchObject({ at: null, prompt: 2 });
    showPrompt(0);
  });
});
