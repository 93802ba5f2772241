import { describe, expect, test } from 'vitest';
import type { Drawing } from '../../src/tasks/task';
import { answersOf } from '../../src/ui/rollouts/answers';
import { looksOf, scaleOf, whyNot } from '../../src/ui/rollouts/colouring';
import { flowOf, flowWords } from '../../src/ui/rollouts/flow';
import { likeliest } from '../../src/ui/rollouts/likeliest';
import { tokenFacts, type TokenFacts } from '../../src/ui/rollouts/token_facts';
import { share, tokenWords } from '../../src/ui/rollouts/token_words';
import type { GroupView, RolloutView, TokenLook } from '../../src/worker/protocol';

type Maze = Extract<Drawing, { kind: 'maze' }>;

function rollout(changes: Partial<RolloutView>): RolloutView {
  return {
    tokens: ['x'],
    reward: 0,
    advantage: 0,
    reason: 'It is.',
    drawing: { kind: 'expression', digits: [], target: 1, text: '1', value: 1 },
    entropy: [1],
    logprob: [Math.log(0.5)],
    ...changes,
  };
}

function groupOf(...rollouts: RolloutView[]): GroupView {
  return { run: 'arm-1#0', step: 1, prompt: [], rollouts };
}

/** A look at one token, from probability 0.5. */
function lookAt(ratio: number, changes: Partial<NonNullable<TokenLook['after']>> = {}): TokenLook {
  return {
    before: [0.5, 0.5],
    drive: [-0.02],
    after: {
      logprob: [Math.log(0.5 * ratio)],
      entropy: [0.8],
      ratio: [ratio],
      clip: { lowest: [0.8], highest: [1.2], side: [ratio > 1.2 ? 'high' : null] },
      distribution: [0.5 * ratio, 1 - 0.5 * ratio],
      ...changes,
    },
  };
}

describe('the scale of the tints', () => {
  const factsOf = (look: TokenLook) => tokenFacts(rollout({ look }), 0);
  const group = groupOf(rollout({ look: lookAt(2) }), rollout({ look: lookAt(0.8) }));

  test('takes even factors of the ratio as even steps, about 1', () => {
    const scale = scaleOf('ratio', group, 1);
    if (scale.kind !== 'diverging') throw new Error('it has a sign');
    expect(scale.ends).toEqual(['0.50', '1', '2.00']);
    expect(scale.of(factsOf(lookAt(2)))).toBeCloseTo(1, 6);
    expect(scale.of(factsOf(lookAt(Math.SQRT2)))).toBeCloseTo(0.5, 6);
    expect(looksOf(scale, factsOf(lookAt(0.5)))).toMatchObject({ sign: 'minus' });
    expect(looksOf(scale, factsOf(lookAt(1)))).toEqual({ tint: 0, sign: null, clip: null });
  });

  test('marks a sign, and what is not finite not at all', () => {
    const scale = scaleOf('change', group, 1);
    expect(looksOf(scale, factsOf(lookAt(2))).sign).toBe('plus');
    const broken = factsOf(lookAt(2, { logprob: [NaN] }));
    expect(looksOf(scale, broken)).toEqual({ tint: 0, sign: null, clip: null });
  });

  test('is not filled by rounding', () => {
    const still = groupOf(rollout({ look: lookAt(1.0001) }));
    expect(looksOf(scaleOf('ratio', still, 1), factsOf(lookAt(1.0001))).tint).toBeLessThan(0.01);
  });

  test('shows clipping by its side', () => {
    const scale = scaleOf('clipped', group, 1);
    expect(looksOf(scale, factsOf(lookAt(2))).clip).toBe('high');
    expect(looksOf(scale, factsOf(lookAt(1))).clip).toBeNull();
  });

  test('goes from 0 to the entropy of a uniform policy', () => {
    const scale = scaleOf('entropy', group, 2);
    expect(looksOf(scale, tokenFacts(rollout({ entropy: [1] }), 0)).tint).toBeCloseTo(0.5, 6);
    expect(looksOf(scale, tokenFacts(rollout({ entropy: [9] }), 0)).tint).toBe(1);
  });
});

describe('what a group cannot be coloured by', () => {
  test('is said with the reason', () => {
    const recorded = groupOf(rollout({ logprob: [NaN] }));
    expect(whyNot('entropy', recorded)).toBeNull();
    expect(whyNot('probability', recorded)).toBe('only entropies were kept');
    expect(whyNot('ratio', recorded)).toBe('only entropies were kept');
    const passed = groupOf(rollout({}));
    expect(whyNot('probability', passed)).toBeNull();
    expect(whyNot('drive', passed)).toBe('this step was not looked at');
    const base = groupOf(rollout({ look: { ...lookAt(1), after: null } }));
    expect(whyNot('drive', base)).toBeNull();
    expect(whyNot('change', base)).toBe('nothing trained yet');
    const reinforced = groupOf(rollout({ look: lookAt(1, { clip: null }) }));
    expect(whyNot('ratio', reinforced)).toBeNull();
    expect(whyNot('clipped', reinforced)).toBe('this objective does not clip');
  });
});

describe('the flow of a maze', () => {
  const maze = (path: number[], changes: Partial<Maze> = {}): Maze => ({
    kind: 'maze',
    size: 4,
    start: 0,
    goal: 2,
    walls: [5],
    path,
    illegal: null,
    finished: true,
    ...changes,
  });
  const flow = flowOf([
    rollout({ drawing: maze([1, 2]), advantage: 1 }),
    rollout({ drawing: maze([1, 2]), advantage: 1 }),
    // There and back again: each move counts once a response.
    rollout({ drawing: maze([1, 0, 1, 2]), advantage: 1 }),
    rollout({ drawing: maze([1]), advantage: -1 }),
    rollout({ drawing: maze([1, 5, 9], { illegal: 1 }), advantage: -2 }),
  ]);
  if (flow === null) throw new Error('these are mazes');
  const edge = (from: number, to: number) =>
    flow.edges.find((found) => found.from === from && found.to === to);

  test('counts the responses of each move, with their mean advantage', () => {
    expect(edge(0, 1)).toMatchObject({ responses: 5, advantage: 0 });
    expect(edge(1, 2)).toMatchObject({ responses: 3, advantage: 1 });
    expect(edge(1, 0)?.responses).toBe(1);
    expect(flow.edges[0]).toBe(edge(0, 1));
  });

  test('ends a path at its illegal move', () => {
    expect(edge(1, 5)).toMatchObject({ responses: 1, illegal: true });
    expect(edge(5, 9)).toBeUndefined();
    expect(flow).toMatchObject({ reached: 3, illegal: 1, stops: [{ cell: 1, responses: 1 }] });
  });

  test('does not count a goal that was passed without stopping', () => {
    const unfinished = flowOf([rollout({ drawing: maze([1, 2], { finished: false }) })]);
    expect(unfinished).toMatchObject({ reached: 0, stops: [{ cell: 2, responses: 1 }] });
  });

  test('reads as words', () => {
    expect(flowWords(flow)).toBe(
      'Paths of 5 responses from a1 to c1: 3 reach the goal, 1 make an illegal move, 1 stop elsewhere. ' +
        'Most taken moves: a1 to b1 by 5, mean advantage 0.00; b1 to c1 by 3, mean advantage +1.00; ' +
        'b1 to a1 by 1, mean advantage +1.00; b1 to b2 by 1, illegal, mean advantage −2.00.',
    );
    expect(flowOf([rollout({})])).toBeNull();
  });
});

describe('the answers of a group', () => {
  const expression = (text: string, value: number | null, reward: number) =>
    rollout({ reward, drawing: { kind: 'expression', digits: [], target: 9, text, value } });

  test('are one where only the order differs, most given first', () => {
    const answers = answersOf([
      expression('5-2', 3, 0),
      expression('8+3-2', 9, 1),
      expression('3+8-2', 9, 1),
      expression('+', null, 0),
    ]);
    expect(answers).toEqual([
      { label: '3 + 8 − 2 = 9', correct: true, responses: 2 },
      { label: '5 − 2 = 3', correct: false, responses: 1 },
      { label: 'not an expression', correct: false, responses: 1 },
    ]);
  });

  test('name the style of a chain', () => {
    const drawing: Drawing = {
      kind: 'chain',
      digits: [1, 2, 3, 4],
      style: 'direct',
      sums: [],
      answer: 0,
      target: 0,
    };
    expect(answersOf([rollout({ drawing, reward: 1 })])).toEqual([
      { label: 'a guess, 0', correct: true, responses: 1 },
    ]);
  });
});

describe('a distribution', () => {
  const vocabulary = Array.from({ length: 20 }, (_, v) => `t${v}`);
  const before = vocabulary.map((_, v) => (20 - v) / 210);

  test('shows the likeliest, the drawn one whatever its place, and the rest; all of it adds up', () => {
    const rows = likeliest(vocabulary, before, null, 't18');
    expect(rows.map(({ name }) => name)).toEqual([...vocabulary.slice(0, 9), 't18', '10 others']);
    expect(rows.find(({ sampled }) => sampled)?.name).toBe('t18');
    expect(rows.reduce((sum, row) => sum + row.before, 0)).toBeCloseTo(1, 9);
  });

  test('has no row for one other token', () => {
    expect(likeliest(vocabulary.slice(0, 11), before, null, 't0')).toHaveLength(11);
  });
});

describe('the words for a token', () => {
  const facts = (changes: Partial<TokenFacts>): TokenFacts => ({
    token: 'x',
    advantage: 0.5,
    probability: 0.4,
    entropy: 1.2,
    drive: -0.01,
    after: { probability: 0.6, entropy: 1, ratio: 1.5, clip: null },
    ...changes,
  });
  const clip = { lowest: 0.8, highest: 1.2, side: 'high' } as const;

  test('say what was asked for, what came of it, and what that did to the entropy', () => {
    const after = { probability: 0.6, entropy: 1, ratio: 1.5, clip };
    expect(tokenWords(facts({ after }))).toBe(
      'Its advantage of +0.50 asked for more of it, and the updates took it from 40.0% to 60.0%. ' +
        'Its ratio of 1.50 is above 1.20, where clipping sets in. ' +
        'The entropy there fell from 1.20 to 1.00 nats, the way its own loss pushed.',
    );
  });

  test('do not claim that a push won where it lost', () => {
    const words = tokenWords(facts({ advantage: -0.5, drive: 0.01 }));
    expect(words).toContain('asked for less of it, yet the updates took it from 40.0% to 60.0%');
    expect(words).toContain('fell from 1.20 to 1.00 nats, though its own loss pushed it up.');
  });

  test('give no cause to a token without advantage', () => {
    expect(tokenWords(facts({ advantage: 0, drive: 0 }))).toBe(
      'Its advantage is 0, so it asked for nothing; the updates took it from 40.0% to 60.0%, by what other tokens asked for. ' +
        'The entropy there fell from 1.20 to 1.00 nats.',
    );
  });

  test('say only what is known before training, and of a record', () => {
    expect(tokenWords(facts({ after: null }))).toBe(
      'It was drawn with a probability of 40.0%; the entropy there was 1.20 nats. ' +
        'Its advantage of +0.50 asks for more of it, which pushes the entropy there down.',
    );
    expect(tokenWords(facts({ after: null, drive: null, probability: NaN }))).toBe(
      'When this token was drawn, the entropy there was 1.20 nats.',
    );
  });

  test('round a probability without making it certain', () => {
    expect([0, 1e-5, 0.123, 0.99999, 1].map(share)).toEqual([
      '0.0%',
      '<0.1%',
      '12.3%',
      '>99.9%',
      '100.0%',
    ]);
  });
});
