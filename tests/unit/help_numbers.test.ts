import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { RecipeKey } from '../../src/recipe/recipe';
import { knobOf } from '../../src/recipe/schema';
import { mean } from '../../src/rl/statistics';
import { lastQuarter } from '../../src/rl/summary';
import { parseRecord } from '../../src/storage/read_record';

/** Help texts quote our recorded runs: what they say is read there again. */

function recordNamed(id: string) {
  const file = new URL(`../../public/runs/${id}.json`, import.meta.url);
  const record = parseRecord(JSON.parse(readFileSync(file, 'utf8')));
  if (!record.ok) throw new Error(record.problems[0]?.message);
  return record.value;
}

function runs(id: string, arm: string) {
  return recordNamed(id).arms.find(({ name }) => name === arm)?.runs ?? [];
}

const entropies = (id: string, arm: string) =>
  runs(id, arm).map(({ series }) => lastQuarter(series['entropy'] ?? []));
const entropy = (id: string, arm: string, digits = 2) => mean(entropies(id, arm)).toFixed(digits);
const entropyAt = (id: string, arm: string, step: number) =>
  mean(runs(id, arm).map(({ series }) => series['entropy']?.[step - 1] ?? NaN)).toFixed(2);
const right = (id: string, arm: string) => {
  const last = runs(id, arm).map(({ evaluations }) =>
    evaluations.findLast(({ on }) => on !== 'training'),
  );
  return mean(last.map((evaluation) => Number(evaluation?.['pass_at_1']))).toFixed(2);
};
const above = (id: string, higher: string, lower: string) => {
  const low = entropies(id, lower);
  return entropies(id, higher).map((value, i) => value - (low[i] ?? NaN));
};
const list = (values: readonly string[]) =>
  `${values.slice(0, -1).join(', ')} and ${values.at(-1)}`;

const QUOTES: readonly (readonly [RecipeKey, () => readonly string[]])[] = [
  [
    'positive_weight',
    () => {
      const maze = above('settling-maze', 'λ 0.5', 'GRPO');
      const chain = above('settling-chain-sum', 'λ 0.5', 'GRPO');
      expect([...maze, ...chain].filter((difference) => difference > 0)).toHaveLength(10);
      return [
        `${mean(maze).toFixed(3)} nats on maze and ${mean(chain).toFixed(3)} on chain-sum (60 and 40 steps, 5 of 5`,
      ];
    },
  ],
  [
    'negative_weight',
    () => {
      const differences = above('who-drives', 'λ 1', 'positives only');
      expect(differences.filter((difference) => difference > 0)).toHaveLength(3);
      return [
        `${entropy('who-drives', 'positives only')} nats, at weight 1 at ${entropy('who-drives', 'λ 1')} (3 of 3`,
      ];
    },
  ],
  [
    'clip_low',
    () => {
      const id = 'clip-thresholds';
      const [tight, usual, wide] = ['clip 0.1', 'clip 0.2', 'clip 0.4'] as const;
      const ordered = [...above(id, tight, usual), ...above(id, usual, wide)];
      expect(ordered.filter((difference) => difference > 0)).toHaveLength(6);
      return [`${list([tight, usual, wide].map((arm) => entropy(id, arm)))} nats (3 of 3`];
    },
  ],
  [
    'clip_high',
    () => {
      const [usual, raised] = ['default', 'Clip-Higher'] as const;
      const below = above('clip-paper', usual, raised).filter((difference) => difference > 0);
      return [
        `${entropy('clip-paper', usual)} nats at 0.2 and ${entropy('clip-paper', raised)} at 0.28 (${below.length} of 3 seeds in this order)`,
      ];
    },
  ],
  [
    'entropy_coef',
    () => {
      const arms = ['GRPO', 'entropy bonus 0.02'] as const;
      const up = above('neighbours', arms[1], arms[0]).filter((difference) => difference > 0);
      const nats = list(arms.map((arm) => entropy('neighbours', arm)));
      return [`0 and 0.02 ended at ${nats} nats (16 steps, ${up.length} of 2 seeds in this order)`];
    },
  ],
  [
    'kl_coef',
    () => {
      const id = 'collapse-that-hurts';
      const arms = ['KL 0.05', 'λ 1'] as const;
      expect(above(id, ...arms).filter((difference) => difference > 0)).toHaveLength(3);
      const [held, free] = arms.map((arm) => entropy(id, arm));
      return [
        `0.05 ended at ${held} nats and 0 at ${free} (3 of 3`,
        `${list(arms.map((arm) => right(id, arm)))} of held-out answers right (100 steps)`,
      ];
    },
  ],
  [
    'minibatches',
    () => {
      const arms = ['1 update', '4 updates', '16 updates'];
      const id = 'off-policy-updates';
      return [
        `${list(arms.map((arm) => entropy(id, arm)))} nats`,
        `${list(arms.map((arm) => right(id, arm)))} of held-out answers right (40 steps, ${runs(id, '1 update').length} seeds)`,
      ];
    },
  ],
  [
    'train_prompts',
    () => {
      const id = 'data-diversity';
      return [
        `ended at ${entropy(id, '4 prompts')} nats, with 1024 at ${entropy(id, '1024 prompts')}`,
        `${right(id, '4 prompts')} and ${right(id, '1024 prompts')} of held-out answers`,
      ];
    },
  ],
  [
    'steps',
    () => [
      `from ${entropyAt('entropy-collapse', 'GRPO', 1)} to ${entropyAt('entropy-collapse', 'GRPO', 20)} nats in 20 steps`,
      `from ${entropyAt('settling-maze', 'GRPO', 1)} to ${entropyAt('settling-maze', 'GRPO', 40)} in 40 on maze (5 seeds)`,
    ],
  ],
];

describe('a help text says what the records have', () => {
  test.each(QUOTES)('%s', (key, quotes) => {
    for (const quote of quotes()) expect(knobOf(key).help).toContain(quote);
  });
});

test('no help text calls the number of updates a step anything else', () => {
  for (const [key] of QUOTES) {
    expect(knobOf(key).help).not.toMatch(/updates? (a|per|on each) (batch|rollout)|per step/);
  }
});

test('so does the text below the charts', () => {
  const text = readFileSync(new URL('../../src/ui/Reading.tsx', import.meta.url), 'utf8')
    .replaceAll(/<[^>]*>|\{' '\}/g, '')
    .replaceAll('&nbsp;', ' ')
    .replaceAll(/\s+/g, ' ');
  const tasks = ['maze', 'chain-sum', 'countdown'] as const;
  const nats = tasks.map((task) => mean(above(`settling-${task}`, 'λ 0.5', 'GRPO')).toFixed(3));
  expect(text).toContain(`by ${nats[0]} nats on maze, ${nats[1]} on chain-sum and ${nats[2]} on`);
  const pass = (task: string, arm: string) => {
    const { pairs } = recordNamed(`settling-${task}`).summary;
    const found = pairs.find(({ first, second }) => first === 'GRPO' && second === arm);
    return -(found?.evaluation['pass_at_1']?.mean ?? NaN);
  };
  const differences = tasks.map((task) => `−${Math.abs(pass(task, 'λ 0.5')).toFixed(3)}`);
  expect(text).toContain(`pass@1 differs by ${list(differences)};`);
  const guided = mean(above('settling-maze', 'PAR', 'GRPO')).toFixed(3);
  expect(text).toContain(
    `${guided} nats, and pays with ${Math.abs(pass('maze', 'PAR')).toFixed(3)} of pass@1`,
  );
});
