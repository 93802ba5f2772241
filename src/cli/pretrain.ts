import { pretrain, pretrainPlan } from '../engine/pretrain';
import { writePolicy } from '../model/policy';
import { TASK_NAMES, taskNamed } from '../tasks/registry';
import { openGpu } from './adapter';
import { prepareFileTarget, writeWhole } from './files';
import { interruption } from './interrupt';
import { readArgs, refuse, wholeNumber, type Command } from './options';
import { duration, Progress } from './progress';

export const pretrainCommand: Command = {
  name: 'pretrain',
  usage: 'pretrain TASK --out FILE.safetensors [--seed N] [--steps N] [--adapter NAME]',
  summary: 'train a base policy by imitation of noisy demonstrations',
  help: [
    `TASK is one of ${TASK_NAMES.join(', ')}.`,
    'Writes the policy (safetensors, Hugging Face names) and beside it FILE.json, a card that says how it was made',
    'and how good it is. Ctrl-C stops early and keeps what was trained.',
  ],
  async run(args) {
    const { values, positionals } = readArgs(args, {
      out: { type: 'string' },
      seed: { type: 'string' },
      steps: { type: 'string' },
      adapter: { type: 'string' },
    });
    const [name, ...rest] = positionals;
    if (name === undefined || rest.length > 0)
      refuse('TASK', `give one of ${TASK_NAMES.join(', ')}`);
    if (!values.out) refuse('--out', 'say where to write the policy');
    const task = taskNamed(name);
    const seed = wholeNumber('seed', values.seed, 0, [0, 2 ** 32 - 1]);
    const base = pretrainPlan(task, seed);
    const plan = { ...base, steps: wholeNumber('steps', values.steps, base.steps, [1, 1_000_000]) };
    await prepareFileTarget(values.out, '--out');

    const gpu = await openGpu(values.adapter);
    const progress = new Progress();
    const interrupt = interruption(progress);
    const started = performance.now();
    const result = await pretrain(
      gpu,
      task,
      plan,
      ({ step, steps, loss }) => progress.update(step, steps, `loss ${loss.toFixed(4)}`),
      () => interrupt.requested,
    );
    progress.end();
    interrupt.dispose();

    const made = {
      command: `rlvr pretrain ${name} --seed ${seed} --steps ${plan.steps}`,
      seed,
      steps: result.steps,
      corpus: plan.corpus,
      batch: plan.batch,
      learning_rate: plan.learning_rate,
      adapter: [gpu.facts.vendor, gpu.facts.architecture, gpu.facts.description]
        .filter(Boolean)
        .join(' '),
      seconds: Math.round((performance.now() - started) / 1000),
      evaluation: result.evaluation,
    };
    const bytes = writePolicy({
      spec: plan.model,
      weights: result.weights,
      task: task.name,
      vocabulary: task.vocabulary,
      made,
    });
    const parameters = [...result.weights.values()].reduce((sum, { data }) => sum + data.length, 0);
    const card = {
      task: task.name,
      parameters,
      config: plan.model,
      ...made,
      loss_curve: result.lossCurve.map(([step, loss]) => [step, Number(loss.toFixed(4))]),
    };
    await writeWhole(values.out, bytes);
    await writeWhole(
      values.out.replace(/\.safetensors$/, '') + '.json',
      `${JSON.stringify(card, null, 2)}\n`,
    );
    const { entropy, pass_at_1, pass_at_k, samples } = result.evaluation;
    progress.say(
      `${task.name}: ${parameters} parameters, ${result.steps} steps in ${duration(made.seconds)}; held out: ` +
        `entropy ${entropy.toFixed(3)} nats, pass@1 ${pass_at_1.toFixed(3)}, pass@${samples} ${pass_at_k.toFixed(3)}`,
    );
    return interrupt.requested ? 130 : 0;
  },
};
