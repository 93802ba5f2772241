import type { Policy } from '../../model/policy';
import { taskNamed } from '../../tasks/registry';
import { huggingFaceFolder } from '../hf_folder';
import { examplesOf, jsonLines, repeated, verlRow } from './data_set';
import { launchSh, trainPy } from './launchers';
import advantages from './python/rlvr_advantages.py?raw';
import loss from './python/rlvr_loss.py?raw';
import schedules from './python/rlvr_schedules.py?raw';
import task from './python/rlvr_task.py?raw';
import trl from './python/rlvr_trl.py?raw';
import verl from './python/rlvr_verl.py?raw';
import verlReward from './python/rlvr_verl_reward.py?raw';
import { readme, type Guide, type Source } from './readme';
import { TRL_SETTINGS } from './trl_settings';
import { VERL_SETTINGS } from './verl_settings';

/** Trainers of large models that a run can be taken to. */
export const SCALE_TARGETS = ['trl', 'verl'] as const;
export type ScaleTarget = (typeof SCALE_TARGETS)[number];

/** Releases that the TRL folder was run with. */
const TRL_VERSIONS = ['trl==1.13.0', 'transformers==5.18.0', 'torch==2.13.0', 'datasets==5.0.1'];
const TRL_REQUIREMENTS = [...TRL_VERSIONS, 'accelerate==1.15.0'];
const VERL_REQUIREMENTS = ['verl==0.9.0'];

const SHARED_FILES = [
  ['recipe.json', 'every setting of the run; the Python files read it'],
  ['rlvr_loss.py', 'the loss: objective, clipping, selection of tokens, weights by sign'],
  ['rlvr_advantages.py', 'rewards and advantages'],
  ['rlvr_schedules.py', 'λ, entropy bonus and clip bounds over time'],
  ['rlvr_task.py', 'the verifier'],
  ['data/train.jsonl', 'the prompts of the run, each with one right answer'],
  ['data/test.jsonl', 'the held-out prompts it was judged on'],
  ['policy/', 'the policy that training starts from, as Hugging Face transformers loads it'],
] as const;

const TRL_GUIDE: Guide = {
  trainer: 'TRL',
  versions:
    'It was run with trl 1.13.0, transformers 5.18.0 and torch 2.13.0. The trainer overrides parts of TRL that are no ' +
    'public interface: other versions may need changes in rlvr_trl.py.',
  start: [
    'pip install -r requirements.txt',
    'python train.py                     # one process',
    'accelerate launch train.py          # as accelerate is configured',
  ],
  files: [['train.py', 'starts the training'], ['rlvr_trl.py', 'the trainer'], ...SHARED_FILES],
  differences: [
    'One step of the playground is one generation with all its updates; TRL counts the updates.',
    'Rollouts are drawn by transformers. With `use_vllm=True` the sampler differs from the trainer; the loss here then ' +
      'takes the trainer’s log-probabilities for those of the behaviour policy, without TRL’s correction.',
    'The memory of λ’s schedule is saved with every checkpoint of the trainer, in rlvr_schedules.json.',
    'With several processes, what chooses tokens (clip-cov, kl-cov, high_entropy_fraction) looks at each process’s own ' +
      'part of a minibatch.',
  ],
};

const VERL_GUIDE: Guide = {
  trainer: 'verl',
  versions:
    'It is written for verl 0.9.0 (trainer.use_v1) by its source. Its loss and advantages are those of the TRL folder, ' +
    'which was run; the verl plug-in was run only against stand-ins for verl’s registries, not with verl itself.',
  start: [
    'pip install -r requirements.txt     # and an engine for rollouts, such as vllm',
    'bash launch.sh                      # one node; NODES and GPUS say otherwise',
    'bash launch.sh trainer.save_freq=20 # further settings of verl',
  ],
  files: [
    ['launch.sh', 'starts the training'],
    ['rlvr_verl.py', 'the plug-in: policy loss, advantages, trainer'],
    ['rlvr_verl_reward.py', 'the reward function'],
    ...SHARED_FILES,
  ],
  differences: [
    'Engines for rollouts take attention heads of certain sizes only, and the playground’s policies are smaller: try ' +
      '`ROLLOUT=hf`, or a larger `MODEL`.',
    'Rollouts and training use verl’s own precision; the playground computes in 32 bits.',
    'On a cluster that runs already, the folder must be on PYTHONPATH on every node: submit it as the working directory ' +
      'of the Ray job, with VERL_USE_EXTERNAL_MODULES in its environment.',
    'λ of a schedule is not in verl’s checkpoints: an entropy-guided one starts anew when a run is resumed.',
    'What chooses tokens looks at one micro-batch of one worker.',
    'verl 0.6.1 to 0.8 have no trainer to subclass: with `trainer.v1.trainer_mode` and the trainer in rlvr_verl.py ' +
      'taken out, a constant λ works there as well.',
  ],
};

/** The policies’ tokenizer has no messages: what verl calls a chat is the prompt alone. */
const PLAIN_CHAT = "{% for message in messages %}{{ message['content'] }}{% endfor %}";

/**
 * A run as a folder that trains it elsewhere: paths and bytes. `policy` is what training starts from. Throws badRecipe
 * where the task has too few prompts, and badPolicy where the policy cannot be written.
 */
export function scaleFolder(
  source: Source,
  policy: Policy,
  target: ScaleTarget,
): ReadonlyMap<string, Uint8Array> {
  const { recipe } = source;
  const { vocabulary, eos } = taskNamed(recipe.task);
  const { train, test } = examplesOf(recipe);
  const rows = repeated(train, recipe.prompts_per_step);
  const text: Record<string, string> = {
    'recipe.json': `${JSON.stringify(recipe, null, 2)}\n`,
    'rlvr_advantages.py': advantages,
    'rlvr_loss.py': loss,
    'rlvr_schedules.py': schedules,
    'rlvr_task.py': task,
  };
  if (target === 'trl') {
    text['README.md'] = readme(source, TRL_SETTINGS, TRL_GUIDE);
    text['requirements.txt'] = lines(TRL_REQUIREMENTS);
    text['train.py'] = trainPy(recipe, TRL_SETTINGS);
    text['rlvr_trl.py'] = trl;
    text['data/train.jsonl'] = jsonLines(rows);
    text['data/test.jsonl'] = jsonLines(test);
  } else {
    const asRow = (split: string) => (example: (typeof train)[number], i: number) =>
      verlRow(recipe.task, split, example, i);
    text['README.md'] = readme(source, VERL_SETTINGS, VERL_GUIDE);
    text['requirements.txt'] = lines(VERL_REQUIREMENTS);
    text['launch.sh'] = launchSh(recipe, VERL_SETTINGS);
    text['rlvr_verl.py'] = verl;
    text['rlvr_verl_reward.py'] = verlReward;
    text['data/train.jsonl'] = jsonLines(rows.map(asRow('train')));
    text['data/test.jsonl'] = jsonLines(test.map(asRow('test')));
    text['policy/chat_template.jinja'] = PLAIN_CHAT;
  }
  const files = Object.entries(text).map(
    ([path, content]) => [path, new TextEncoder().encode(content)] as const,
  );
  const model = [...huggingFaceFolder(policy, vocabulary, { eos, pad: eos })].map(
    ([path, bytes]) => [`policy/${path}`, bytes] as const,
  );
  return new Map([...files, ...model].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const lines = (all: readonly string[]) => `${all.join('\n')}\n`;
