import type { Gpu } from '../../src/gpu/device';
import type { Case, Contestant, Trial } from '../harness/case';
import type { Peer, Peers } from '../harness/peer';
import {
  generationProblem,
  LARGE,
  modelSpec,
  parameterCount,
  productProblem,
  SMALL,
  softmaxProblem,
  trainingProblem,
} from '../harness/problems';
import { differingShare, largestGap } from '../harness/statistics';
import * as kernels from '../ours/kernels';
import { generation, rlvrStep, training, type StepShape } from '../ours/runs';

/** What a case needs of the place it runs in. */
export interface Place {
  /** Our device; the peers ask for their own, on the same adapter. */
  readonly gpu: () => Promise<Gpu>;
  readonly peers: Peers;
  /** Small sizes, to see that everything works; the times mean nothing. */
  readonly quick: boolean;
}

/** A product or a softmax is a sum in f32: orders of summation differ. */
const ARRAY_GAP = 1e-4;
/** Losses of a training run agree to four digits. */
const LOSS_GAP = 1e-4;
/** A greedy choice between two logits that are nearly equal may fall either way, and the rest of its row with it. */
const TOKENS_DIFFERENT = 0.05;
/** Steps of training after which losses are compared. */
const CHECKED_STEPS = 10;

/** A whole step: 64 rollouts of 24 positions and one update. */
export const STEP: StepShape = { spec: SMALL, runs: 1, rows: 64, promptLength: 8, length: 24 };

/** Steps that bench/torch_step.py takes too, on the same machine; it has these sizes as well. */
const STEPS: Readonly<Record<string, StepShape>> = {
  'step-11k': STEP,
  'step-105k': { ...STEP, spec: LARGE },
  'step-0.8m': {
    spec: modelSpec({
      ...{ vocab_size: 32, hidden_size: 128, intermediate_size: 344 },
      ...{ num_hidden_layers: 4, num_attention_heads: 4 },
    }),
    ...{ runs: 1, rows: 256, promptLength: 16, length: 64 },
  },
};

/** Policies that are large for a page, on batches small enough for an adapter without a GPU. */
export const SCALES: Readonly<Record<string, StepShape>> = {
  'scale-10m': {
    spec: modelSpec({
      ...{ vocab_size: 512, hidden_size: 320, intermediate_size: 864 },
      ...{ num_hidden_layers: 8, num_attention_heads: 10 },
    }),
    ...{ runs: 1, rows: 8, promptLength: 8, length: 24, passRows: 4 },
  },
  'scale-50m': {
    spec: modelSpec({
      ...{ vocab_size: 512, hidden_size: 512, intermediate_size: 1376 },
      ...{ num_hidden_layers: 16, num_attention_heads: 16 },
    }),
    ...{ runs: 1, rows: 4, promptLength: 8, length: 16, passRows: 2 },
  },
  // The vocabulary of a language model: logits exist a part at a time.
  'scale-32k': {
    spec: modelSpec({
      ...{ vocab_size: 32_000, hidden_size: 128, intermediate_size: 344 },
      ...{ num_hidden_layers: 2, num_attention_heads: 4 },
    }),
    ...{ runs: 1, rows: 16, promptLength: 8, length: 24 },
  },
};

/** What each kernel costs in a step of these. */
export const BY_KERNEL: Readonly<Record<string, StepShape>> = {
  'kernels-11k': STEP,
  'kernels-105k': { ...STEP, spec: LARGE },
};

/** A step that is short without a GPU, so that there can be many. */
export const SOAK: StepShape = { ...STEP, rows: 16, promptLength: 4, length: 8 };
export const SOAK_STEPS = 2_000;

/** Every case by name. Sizes of names are those of the full benchmark. */
export const CASES: Readonly<Record<string, (place: Place) => Case>> = {
  ...Object.fromEntries(
    [128, 256, 512, 1024].map((n) => [`matmul-${n}`, (place: Place) => matmul(place, n)]),
  ),
  'softmax-2048x32': (place) => softmax(place, 2048, 32),
  'softmax-512x512': (place) => softmax(place, 512, 512),
  'train-11k': (place) => trainingCase(place, 'train-11k'),
  'train-105k': (place) => trainingCase(place, 'train-105k'),
  'first-step': (place) => ({
    ...trainingCase(place, 'train-11k', ['jax-js']),
    name: 'first-step',
    about: 'The first training step of the 11k model in a fresh process, pipelines included.',
    firstRun: true,
  }),
  generation: (place) => greedyGeneration(place),
  'rlvr-step': (place) => wholeStep(place),
  'arms-8': (place) => eightArms(place),
  ...Object.fromEntries(
    Object.entries(STEPS).map(([name, shape]) => [
      name,
      (place: Place) => stepAlone(place, name, shape),
    ]),
  ),
};

/** Cases for a machine with a GPU: measured when asked for by name. */
export const ON_REQUEST: readonly string[] = [
  ...Object.keys(STEPS),
  ...Object.keys(SCALES),
  'soak',
];
/** Cases that want a process for every round. */
export const FRESH: readonly string[] = ['first-step'];

function ours(place: Place, prepare: (gpu: Gpu) => Promise<Trial>): Contestant {
  return {
    name: 'ours',
    open: async () => void (await place.gpu()),
    prepare: async () => prepare(await place.gpu()),
  };
}

/** Everyone in this place who can do it. */
function theirs(
  { peers }: Place,
  names: readonly string[],
  prepare: (peer: Peer) => Promise<Trial>,
): Contestant[] {
  return names.flatMap((name) => {
    const load = peers[name];
    if (!load) return [];
    return [
      {
        name,
        open: async () => (await load()).open(),
        prepare: async () => prepare(await load()),
      },
    ];
  });
}

const ALL = ['jax-js', 'tfjs', 'ORT-web'];
function cannot(name: string): never {
  throw new Error(`the benchmark has no ${name} for this library`);
}

function matmul(place: Place, n: number): Case {
  const problem = productProblem(n);
  return {
    name: `matmul-${n}`,
    about: `f32 product of two ${n} x ${n} matrices.`,
    flop: 2 * n ** 3,
    contestants: [
      ours(place, (gpu) => kernels.product(gpu, problem)),
      ...theirs(place, ALL, (peer) => peer.product(problem)),
    ],
    warmUp: 2,
    agreement: {
      of: 'products',
      within: ARRAY_GAP,
      gap: (got, want) => largestGap(got, want, Math.sqrt(n)),
    },
  };
}

function softmax(place: Place, rows: number, columns: number): Case {
  const problem = softmaxProblem(rows, columns);
  return {
    name: `softmax-${rows}x${columns}`,
    about: `Softmax of ${rows} rows of ${columns}; ours is the loss kernel, which does more.`,
    contestants: [
      ours(place, (gpu) => kernels.softmax(gpu, problem)),
      ...theirs(place, ALL, (peer) => peer.softmax(problem)),
    ],
    warmUp: 2,
    agreement: {
      of: 'probabilities',
      within: ARRAY_GAP,
      gap: (got, want) => largestGap(got, want, 0.01),
    },
  };
}

function trainingCase(
  place: Place,
  name: 'train-11k' | 'train-105k',
  peers = ['jax-js', 'tfjs'],
): Case {
  const { spec, rows, positions } =
    name === 'train-11k'
      ? { spec: SMALL, rows: 16, positions: 16 }
      : { spec: LARGE, rows: place.quick ? 4 : 64, positions: 32 };
  const problem = trainingProblem(spec, rows, positions);
  const count = parameterCount(spec).toLocaleString('en');
  return {
    name,
    about: `One training step of ${count} parameters on ${rows * positions} tokens, loss read.`,
    contestants: [
      ours(place, (gpu) => training(gpu, problem)),
      ...theirs(place, peers, (peer) => (peer.training ?? cannot('training'))(problem)),
    ],
    warmUp: place.quick ? 3 : CHECKED_STEPS,
    agreement: { of: 'losses', within: LOSS_GAP, gap: (got, want) => largestGap(got, want) },
  };
}

function greedyGeneration(place: Place): Case {
  const { spec, rows, promptLength, length } = STEP;
  const problem = generationProblem(spec, rows, promptLength, length);
  return {
    name: 'generation',
    about: `${rows} greedy responses of ${length - promptLength} tokens to prompts of ${promptLength}, 11k model, cached keys and values.`,
    tokens: rows * (length - promptLength),
    contestants: [
      ours(place, (gpu) => generation(gpu, problem)),
      ...theirs(place, ['jax-js'], (peer) => (peer.generation ?? cannot('generation'))(problem)),
    ],
    warmUp: 2,
    agreement: { of: 'tokens', within: TOKENS_DIFFERENT, gap: differingShare },
  };
}

function wholeStep(place: Place): Case {
  const batch = trainingProblem(SMALL, 16, 16);
  return {
    name: 'rlvr-step',
    about: `Our whole RLVR step (${STEP.rows} rollouts of ${STEP.length} positions, one update, 11k model) against one training step of 256 tokens.`,
    contestants: [
      ours(place, (gpu) => rlvrStep(gpu, STEP)),
      ...theirs(place, ['jax-js'], (peer) => (peer.training ?? cannot('training'))(batch)),
    ],
    warmUp: 3,
  };
}

function stepAlone(place: Place, name: string, shape: StepShape): Case {
  const { spec, rows, length } = shape;
  const count = parameterCount(spec).toLocaleString('en');
  return {
    name,
    about: `Our RLVR step: ${count} parameters, ${rows} rollouts of ${length} positions, one update.`,
    contestants: [ours(place, (gpu) => rlvrStep(gpu, shape))],
    warmUp: 3,
  };
}

function eightArms(place: Place): Case {
  return {
    name: 'arms-8',
    about: 'RLVR steps of 8 arms in one sequence of dispatches, against 8 steps of one arm.',
    contestants: [
      ours(place, (gpu) => rlvrStep(gpu, { ...STEP, runs: 8 })),
      {
        name: '8 x one arm',
        prepare: async () => {
          const trial = await rlvrStep(await place.gpu(), STEP);
          return { ...trial, run: (times: number) => trial.run(8 * times) };
        },
      },
    ],
    warmUp: 2,
  };
}
