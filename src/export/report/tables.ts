import { decimalsFor, fixed, signed } from '../../rl/number_words';
import type { Interval } from '../../rl/statistics';
import type { ArmSummary, ExperimentSummary, PairSummary } from '../../rl/summary';
import { plainText, table } from './markdown';

interface Statement {
  readonly n: number;
  readonly mean: number;
  readonly interval: Interval | null;
  /** Of a pair: seeds in which the first arm is lower. */
  readonly lower?: number;
}

/** A column: what it is called, and where an arm or a pair of arms has it. */
interface Column {
  readonly label: string;
  readonly from: 'entropy' | 'reward' | 'evaluation' | 'evaluation_training' | 'entropy_at_reward';
  readonly key?: string;
}

/** The quantities of the report. `samples` is the k of pass@k. */
function columns(samples: number, level: string | null): Column[] {
  return [
    { label: 'entropy, nats', from: 'entropy' },
    { label: 'reward', from: 'reward' },
    { label: 'pass@1', from: 'evaluation', key: 'pass_at_1' },
    { label: `pass@${samples}`, from: 'evaluation', key: 'pass_at_k' },
    { label: 'different correct', from: 'evaluation', key: 'distinct_correct' },
    { label: 'ECE', from: 'evaluation', key: 'ece' },
    ...(level === null
      ? []
      : [
          {
            label: `entropy at reward ${level}`,
            from: 'entropy_at_reward' as const,
            key: level,
          },
        ]),
  ];
}

/** Every arm with its means and intervals over seeds. */
export function armTable({ arms }: ExperimentSummary, samples: number): string {
  const shown = columns(samples, sharedLevel(arms));
  const seeds = arms[0]?.entropy.n ?? 0;
  return table(
    ['arm', ...shown.map(({ label }) => label)],
    arms.map((arm) => [
      plainText(arm.arm),
      ...shown.map((column) => inWords(statementAt(arm, column), fixed, seeds)),
    ]),
  );
}

/** What was found on the training prompts, where it was asked for. */
export function trainingTable({ arms }: ExperimentSummary): string {
  const keys = ['entropy', 'pass_at_1', 'distinct_correct', 'ece'];
  const measured = arms.filter(({ evaluation_training: found }) => Object.keys(found ?? {}).length);
  return table(
    ['arm, on training prompts', 'entropy, nats', 'pass@1', 'different correct', 'ECE'],
    measured.map((arm) => [
      plainText(arm.arm),
      ...keys.map((key) =>
        inWords(
          statementAt(arm, { label: '', from: 'evaluation_training', key }),
          fixed,
          arm.entropy.n,
        ),
      ),
    ]),
  );
}

/** The later arms minus the first, paired by seed, with the seeds that lie above it. */
export function differenceTable({ arms, pairs }: ExperimentSummary, samples: number): string {
  const [first] = arms;
  if (!first) return '';
  const shown = columns(samples, sharedLevel(arms));
  const rows = arms.slice(1).flatMap(({ arm }) => {
    const pair = pairs.find(
      (candidate) => candidate.first === first.arm && candidate.second === arm,
    );
    if (!pair) return [];
    return [[plainText(arm), ...shown.map((column) => differenceInWords(pair, column))]];
  });
  return table([`minus ${plainText(first.arm)}`, ...shown.map(({ label }) => label)], rows);
}

/** Pairs hold the first arm minus the second; the table wants it the other way round. */
function differenceInWords(pair: PairSummary, column: Column): string {
  const found = statementAt(pair, column);
  if (!found) return 'not reached';
  const turned: Statement = {
    n: found.n,
    mean: -found.mean,
    interval: found.interval && [-found.interval[1], -found.interval[0]],
  };
  const seeds = found.n > 1 ? `, ${found.lower ?? 0} of ${found.n} above` : '';
  return `${inWords(turned, signed, found.n)}${seeds}`;
}

/** Highest level of reward that every arm reached in every seed, so that all are compared at one place. */
export function sharedLevel(arms: readonly ArmSummary[]): string | null {
  const levels = Object.keys(arms[0]?.entropy_at_reward ?? {});
  const reached = levels.filter((level) =>
    arms.every((arm) => arm.entropy_at_reward?.[level]?.n === arm.entropy.n),
  );
  return reached.sort((a, b) => Number(a) - Number(b)).at(-1) ?? null;
}

function statementAt(of: ArmSummary | PairSummary, { from, key }: Column): Statement | undefined {
  if (from === 'entropy' || from === 'reward') return of[from];
  return key === undefined ? undefined : of[from]?.[key];
}

/** "0.712 [0.690, 0.731]"; says so where fewer seeds have the number than there are. */
function inWords(
  statement: Statement | undefined,
  write: (value: number, decimals: number) => string,
  seeds: number,
): string {
  if (!statement) return 'none';
  const { mean, interval, n } = statement;
  const decimals = decimalsFor([mean, ...(interval ?? [])]);
  const range = interval?.map((end) => write(end, decimals)).join(', ');
  const some = n < seeds ? ` (${n} seeds)` : '';
  return `${write(mean, decimals)}${range === undefined ? '' : ` [${range}]`}${some}`;
}
