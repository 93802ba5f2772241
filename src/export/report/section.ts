import { armRecipes, type Experiment } from '../../recipe/experiment';
import { signed } from '../../rl/number_words';
import { quantityAt } from '../../rl/quantity';
import { judge, verdictInWords, type Verdict } from '../../rl/verdict';
import type { RecordedRun, RunRecord } from '../../storage/record';
import { hasCourse } from './curves';
import { paragraphs, plainText, table } from './markdown';
import { measureSections } from './measures';
import { meanInWords } from './statement';
import { armTable, differenceTable, trainingTable } from './tables';

/** An experiment of the catalogue, with the record of its run where there is one. */
export interface ReportEntry {
  readonly id: string;
  readonly experiment: Experiment;
  readonly record: RunRecord | null;
}

/** Everything said about one experiment. */
export function reportSection({ id, experiment, record }: ReportEntry): string {
  const { about } = experiment;
  return paragraphs([
    `## ${plainText(experiment.name)}`,
    about ? `**Question.** ${plainText(about.question)}` : '',
    about?.paper ? `**The paper, in our words.** ${plainText(about.paper)}` : '',
    about ? `**Prediction.** ${plainText(about.prediction)}` : '',
    about ? `**Look at.** ${plainText(about.look_at)}` : '',
    `**Run.** ${settingsInWords(record?.experiment ?? experiment)}`,
    ...(record ? results(id, experiment, record) : notRun(id, experiment)),
    about && about.sources.length > 0
      ? `**Sources.** ${about.sources.map(plainText).join('; ')}.`
      : '',
  ]);
}

/** How many claims came out which way, such as "2 agree, 1 undecided". */
export function standing({ experiment, record }: ReportEntry): string {
  if (!record) return 'not run yet';
  const verdicts = verdictsOf(experiment, record).map(({ verdict }) => verdict.holds);
  if (verdicts.length === 0)
    return experiment.arms.length > 1 ? 'run; makes no claim' : 'run; compares no arms';
  const words = {
    agrees: 'agree',
    reversed: 'reversed',
    undecided: 'undecided',
    unmeasured: 'unmeasured',
  };
  return (['agrees', 'reversed', 'undecided', 'unmeasured'] as const)
    .map((holds) => [verdicts.filter((verdict) => verdict === holds).length, words[holds]] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

function notRun(id: string, experiment: Experiment): string[] {
  const path = `public/experiments/${id}.json`;
  return [
    `Not run yet: \`npm run -s rlvr -- run ${path} --out runs/${id}\`, then copy \`runs/${id}/record.json\` to \`public/runs/${id}.json\`.`,
    claimList(experiment, null),
  ];
}

function results(id: string, experiment: Experiment, record: RunRecord): string[] {
  const { summary, made } = record;
  const { every, training } = record.experiment.evaluate;
  return [
    `**Made** on ${adapterInWords(record)} with version ${plainText(made.version)}, ${plainText(made.finished_at.slice(0, 10))}, ${made.steps} steps.${programInWords(record)}`,
    made.finished ? '' : '**This run was stopped before its last step.**',
    sameSettings(experiment, record.experiment)
      ? ''
      : '**This record was made with other settings than the file has now; the settings above are those of the record.**',
    armTable(record),
    training ? trainingTable(record) : '',
    differenceTable(record),
    correlationLine(summary),
    claimList(experiment, record),
    experiment.about?.finding ? `**Finding.** ${plainText(experiment.about.finding)}` : '',
    hasCourse(record)
      ? [
          `![Entropy by step, a line for each arm](experiments/${id}-entropy.svg)`,
          `![Entropy against reward, a line for each arm](experiments/${id}-reward.svg)`,
        ].join('\n')
      : '',
    every > 0 ? courseOfEvaluations(record) : '',
    measureSections(record),
  ];
}

/** What held-out entropy goes with, in the order of the paper's own questions: skill, diversity, calibration. */
const CORRELATED = {
  pass_at_1: 'pass@1',
  pass_at_k: 'pass@k',
  distinct: 'different responses',
  distinct_correct: 'different correct ones',
  self_bleu: 'self-BLEU',
  answer_entropy: 'entropy of answers',
  ece: 'calibration error',
} as const;

function correlationLine({ correlations, runs }: RunRecord['summary']): string {
  const found = Object.entries(CORRELATED).flatMap(([key, name]) => {
    const value = Object.hasOwn(correlations, key) ? correlations[key] : null;
    return value == null ? [] : [`${name} ${signed(value, 2)}`];
  });
  if (found.length === 0) return '';
  return `**What held-out entropy goes with** after the last step (Spearman's correlation over all ${runs.length} runs, arms and seeds together): ${found.join(', ')}.`;
}

/** Held-out numbers on the way, where they were taken: means over seeds with their intervals. */
function courseOfEvaluations({ arms, experiment }: RunRecord): string {
  const heldOut = (run: RecordedRun) => run.evaluations.filter(({ on }) => on !== 'training');
  const keys = ['entropy', 'pass_at_1', 'pass_at_k', 'distinct_correct', 'ece'] as const;
  const rows = arms.flatMap(({ name, runs }) => {
    const steps = [...new Set(runs.flatMap((run) => heldOut(run).map(({ step }) => step)))];
    return steps.map((step) => [
      plainText(name),
      String(step),
      ...keys.map((key) => {
        const values = runs.flatMap((run) =>
          heldOut(run).flatMap((line) => {
            const value = line[key];
            return line.step === step && typeof value === 'number' ? [value] : [];
          }),
        );
        return meanInWords(values);
      }),
    ]);
  });
  const { samples } = experiment.evaluate;
  return table(
    [
      'arm, held out',
      'step',
      'entropy, nats',
      'pass@1',
      `pass@${samples}`,
      'different correct',
      'ECE',
    ],
    rows,
  );
}

function claimList(experiment: Experiment, record: RunRecord | null): string {
  const claims = verdictsOf(experiment, record);
  if (claims.length === 0) return '';
  return [
    '**Claims.**',
    '',
    ...claims.map(({ claim, verdict }) => {
      const quantity = quantityAt(claim.measure)?.label ?? claim.measure;
      const compared = `${plainText(quantity)}, ${plainText(claim.higher)} minus ${plainText(claim.lower)}`;
      const said =
        verdict.holds === 'unmeasured' && !record ? 'not run yet' : verdictInWords(claim, verdict);
      return `- ${claim.by}: ${plainText(claim.says)} (${compared}.) **${said}**`;
    }),
  ].join('\n');
}

function verdictsOf({ about }: Experiment, record: RunRecord | null) {
  return (about?.claims ?? []).map((claim) => {
    const verdict: Verdict = judge(claim, record?.summary ?? { pairs: [] });
    return { claim, verdict };
  });
}

/** What was run: task, updates a rollout, learning rate, steps, seeds. */
function settingsInWords(experiment: Experiment): string {
  const arms = armRecipes(experiment).map(({ recipe }) => recipe);
  const all = (pick: (recipe: (typeof arms)[number]) => string | number) =>
    [...new Set(arms.map((recipe) => String(pick(recipe))))].join(', ');
  const { seeds } = experiment;
  return [
    `Task ${all(({ task }) => task)}`,
    `${all(({ prompts_per_step: prompts, group_size: size }) => `${prompts} × ${size}`)} responses a step`,
    `${all(({ minibatches, epochs }) => minibatches * epochs)} updates a rollout (minibatches ${all(({ minibatches }) => minibatches)}; epochs ${all(({ epochs }) => epochs)})`,
    `learning rate ${all(({ learning_rate: rate }) => rate)}`,
    `${all(({ steps }) => steps)} steps`,
    `${seeds.length} seed${seeds.length === 1 ? '' : 's'} (${seeds.join(', ')}).`,
  ].join('; ');
}

function adapterInWords({ made }: RunRecord): string {
  const { description, vendor, architecture, software } = made.adapter;
  const name = description || [vendor, architecture].filter((part) => part !== '').join(' ');
  return `${plainText(name || 'an unnamed adapter')}${software ? ' (a CPU)' : ''}`;
}

/** What computed it, where that is known. */
function programInWords({ made: { browser, shaders } }: RunRecord): string {
  const by = browser === null ? '' : ` Computed by ${plainText(browser)}.`;
  return shaders === null ? by : `${by} Shaders: \`${shaders}\`.`;
}

/** Whether two experiments would train and judge alike, whatever is said about them. */
function sameSettings(a: Experiment, b: Experiment): boolean {
  const settings = (experiment: Experiment) =>
    JSON.stringify([
      armRecipes(experiment),
      experiment.seeds,
      experiment.evaluate,
      experiment.measure,
    ]);
  return settings(a) === settings(b);
}
