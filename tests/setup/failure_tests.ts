import type { Failure } from '../../src/errors/failure';

/** A test that provokes a failure where people meet it, and words of ours that it looks for. */
interface Proof {
  /** Below tests/. */
  readonly file: string;
  /** As it stands in the file. */
  readonly title: string;
  /** Of the title or the first sentence of `example`, and in the file. */
  readonly words: string;
}

/** The tests, or why the kind cannot come up there. */
type Provoked = readonly Proof[] | { readonly never: string };

interface Tested<F extends Failure> {
  readonly example: F;
  readonly page: Provoked;
  readonly terminal: Provoked;
}

const proof = (file: string, title: string, words: string): readonly Proof[] => [
  { file, title, words },
];

const onPage = {
  e2e: (title: string, words: string) => proof('e2e/failures.spec.ts', title, words),
  settings: (title: string, words: string) => proof('e2e/bad_settings.spec.ts', title, words),
  replayed: (title: string, words: string) => proof('visual/failure_kinds.spec.ts', title, words),
};
const BEFORE = 'before the first step: ${failure.kind}';
const onTerminal = (title: string, words: string) =>
  proof('engine/cli_failures.test.ts', title, words);
const BAD_INPUT =
  'bad input: one sentence that names the field or the file, exit 2, nothing written';

const KEEPS_FILES = { never: 'The command line keeps its runs in files, not in a browser.' };

/** Every kind of failure: an example, and what provokes it on the page and on the command line. */
export const FAILURE_TESTS: {
  readonly [K in Failure['kind']]: Tested<Extract<Failure, { kind: K }>>;
} = {
  noWebGPU: {
    example: { kind: 'noWebGPU' },
    page: proof(
      'visual/page.spec.ts',
      'without WebGPU the page reads, and plays the recorded run of what it opens with',
      'This browser has no WebGPU',
    ),
    terminal: {
      never:
        'It brings its own WebGPU, and installs what is missing of its packages before it starts.',
    },
  },
  noAdapter: {
    example: { kind: 'noAdapter' },
    page: [
      ...onPage.e2e(
        'without an adapter the page says so and plays what was recorded',
        'No graphics adapter is available',
      ),
      ...proof(
        'visual/page.spec.ts',
        'a failure of the worker gets its own words',
        'No graphics adapter is available',
      ),
    ],
    terminal: onTerminal('a machine without an adapter', 'No graphics adapter is available'),
  },
  limitTooSmall: {
    example: {
      ...{ kind: 'limitTooSmall', limit: 'maxBufferSize' },
      ...{ have: 268_435_456, need: 400_000_000 },
    },
    page: onPage.replayed(BEFORE, 'the device allows 268,435,456'),
    terminal: onTerminal(
      'an experiment that no device can hold',
      'This setting is too large for the device',
    ),
  },
  outOfMemory: {
    example: { kind: 'outOfMemory', bytes: 1_073_741_824 },
    page: onPage.replayed(BEFORE, 'Reserving 1,073,741,824 bytes'),
    terminal: onTerminal('memory that is full', 'The graphics memory is full'),
  },
  shaderCompile: {
    example: { kind: 'shaderCompile', kernel: 'rmsnorm', detail: 'line 3: expected ;' },
    page: onPage.replayed(BEFORE, 'line 3: expected ;'),
    terminal: onTerminal('a driver that refuses a kernel', 'The kernel rmsnorm was refused'),
  },
  deviceLost: {
    example: { kind: 'deviceLost', detail: 'A driver was updated.' },
    page: [
      ...onPage.e2e(
        'a device that is lost is opened again and the run goes on; lost twice, a reload finds it saved',
        'The graphics processor was lost',
      ),
      ...onPage.replayed(
        'a device that is lost again and again is not opened a second time',
        'A driver was updated.',
      ),
    ],
    terminal: onTerminal(
      'a device that goes while it trains, twice',
      'The graphics processor was lost',
    ),
  },
  nonfinite: {
    example: {
      ...{ kind: 'nonfinite', arm: 'GRPO', step: 6, of: 'gradient' },
      tensor: 'model.layers.1.mlp.down_proj.weight',
    },
    page: onPage.replayed(
      'training that diverges is named, and all arms go back to the last save',
      'gradient of model.layers.1.mlp.down_proj.weight',
    ),
    terminal: onTerminal('training that diverges', 'Training diverged'),
  },
  badPolicy: {
    example: { kind: 'badPolicy', detail: 'the base policy maze is damaged: vocabulary' },
    page: onPage.replayed(BEFORE, 'the base policy maze is damaged'),
    terminal: proof('engine/cli.test.ts', BAD_INPUT, 'vocabulary'),
  },
  badRecipe: {
    example: {
      kind: 'badRecipe',
      detail: 'no prompt is solved between 0.51 and 0.62 of the time (not clip_low)',
    },
    page: onPage.settings(
      'settings that no prompt fits are refused when the base policy has been asked',
      'is solved between 0.51 and 0.62 of the time',
    ),
    terminal: proof('engine/cli.test.ts', BAD_INPUT, 'clip_low'),
  },
  badInput: {
    example: { kind: 'badInput', field: 'checkpoint', detail: 'the --steps are no whole number' },
    page: onPage.settings(
      'a saved run whose weights are none is refused when it is taken up, and stays in the library',
      'checkpoint: ',
    ),
    terminal: proof('engine/cli.test.ts', BAD_INPUT, '--steps'),
  },
  storageFull: {
    example: { kind: 'storageFull', kept: 'numbers' },
    page: [
      ...proof(
        'visual/storage_full.spec.ts',
        'a full storage is said, the run goes on, and what was saved before is untouched',
        'The browser’s storage is full',
      ),
      ...proof(
        'visual/storage_full.spec.ts',
        'where only the weights do not fit the curves are kept',
        'The browser’s storage is full',
      ),
    ],
    terminal: KEEPS_FILES,
  },
  storageBlocked: {
    example: { kind: 'storageBlocked' },
    page: proof(
      'visual/library.spec.ts',
      'where the browser keeps nothing the page says so and trains on',
      'The browser keeps nothing for this page',
    ),
    terminal: KEEPS_FILES,
  },
  workerCrashed: {
    example: { kind: 'workerCrashed', detail: 'out of memory' },
    page: onPage.e2e(
      'a training thread that dies is said, three times, and its run goes on where it was saved',
      'The training stopped by itself',
    ),
    terminal: {
      never: 'It trains in the thread that it is; where that ends, so does the command.',
    },
  },
  bug: {
    example: { kind: 'bug', detail: 'the pipeline is missing' },
    page: onPage.replayed(
      'an error inside the program stops the run, which goes on from its last save',
      'Something went wrong inside the program',
    ),
    terminal: onTerminal('a mistake of the program', 'Something went wrong inside the program'),
  },
};
