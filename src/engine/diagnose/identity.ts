import { bootstrapRatio } from '../../rl/bootstrap_ratio';
import type { Interval } from '../../rl/statistics';
import {
  NUMBERS_PER_TOKEN,
  onPolicyLoss,
  type MeasuredRow,
  type TokenStats,
  type Workbench,
} from './workbench';

/** Prompts of like success rate. */
export interface IdentityBin {
  readonly from: number;
  readonly to: number;
  readonly prompts: number;
  /** Mean success rate p of its prompts. */
  readonly success: number;
  readonly drive_positive: number;
  readonly drive_negative: number;
  /** Drive of positive tokens over that of negative ones, with a bootstrap interval over prompts. */
  readonly ratio: number;
  readonly interval: Interval | null;
  /** (1 - p) / p. */
  readonly predicted: number;
}

/**
 * On-policy and in expectation the two signs of one prompt pull the same way: their gradients are parallel, and the
 * positive one is (1 - p) / p times the negative one, p being the prompt's success rate. Because E[score] = 0, what
 * successes push up in sum is what failures push down. So the drives of a bin should have that ratio.
 */
export interface IdentityMeasure {
  readonly kind: 'identity';
  readonly step: number;
  readonly prompts: number;
  readonly samples: number;
  readonly bins: readonly IdentityBin[];
}

const EDGES = [0, 0.15, 0.3, 0.45, 0.6, 1];

interface PromptDrive {
  readonly success: number;
  readonly positive: number;
  readonly negative: number;
}

export async function measureIdentity(
  bench: Workbench,
  prompts: number,
  samples: number,
): Promise<IdentityMeasure[]> {
  const rows = await bench.sample('train', prompts, samples, { by: 'verifier' });
  const passes = await bench.pass(
    rows,
    (run) => onPolicyLoss(bench.state(run), { positive: 1, negative: 1 }),
    { gradient: false },
  );
  return rows.map((own, run) => {
    const drives = drivesByPrompt(own, passes[run]?.tokens ?? [], samples);
    return {
      kind: 'identity',
      step: bench.step,
      prompts,
      samples,
      bins: EDGES.slice(1).flatMap((to, b) => binOf(drives, EDGES[b] ?? 0, to)),
    };
  });
}

const DRIVE = 3;

/** Sums over the tokens of each prompt, by the sign of their response's advantage. */
function drivesByPrompt(
  rows: readonly MeasuredRow[],
  tokens: readonly TokenStats[],
  samples: number,
): PromptDrive[] {
  return Array.from({ length: rows.length / samples }, (_, p) => {
    let [success, positive, negative] = [0, 0, 0];
    for (let i = p * samples; i < (p + 1) * samples; i++) {
      const { advantage = 0, reward = 0 } = rows[i] ?? {};
      const stats = tokens[i] ?? new Float32Array();
      let drive = 0;
      for (let at = DRIVE; at < stats.length; at += NUMBERS_PER_TOKEN) drive += stats[at] ?? 0;
      success += reward / samples;
      if (advantage > 0) positive += drive;
      if (advantage < 0) negative += drive;
    }
    return { success, positive, negative };
  });
}

/** Prompts that always or never succeed have no drive and are left out; an empty bin gives nothing. */
function binOf(drives: readonly PromptDrive[], from: number, to: number): IdentityBin[] {
  const own = drives.filter(
    ({ success }) => success > 0 && success < 1 && success >= from && success < to,
  );
  if (own.length === 0) return [];
  const sum = (pick: (drive: PromptDrive) => number) =>
    own.reduce((total, drive) => total + pick(drive), 0);
  const success = sum((drive) => drive.success) / own.length;
  const [positive, negative] = [sum((d) => d.positive), sum((d) => d.negative)];
  return [
    {
      from,
      to,
      prompts: own.length,
      success,
      drive_positive: positive,
      drive_negative: negative,
      ratio: positive / negative,
      interval: bootstrapRatio(
        own.map((d) => d.positive),
        own.map((d) => d.negative),
      ),
      predicted: (1 - success) / success,
    },
  ];
}
