import type { Failure } from './failure';

/** A failure in words. Each field is one or two whole sentences. */
export interface Description {
  readonly title: string;
  /** What happened. */
  readonly what: string;
  /** What is still there. */
  readonly kept: string;
  /** What the user can do. */
  readonly action: string;
}

/** Where the words are read: some advice differs between the page and the command line. */
export type Surface = 'page' | 'terminal';

type Describe<F extends Failure> = (failure: F, surface: Surface) => Description;
type Descriptions = { readonly [K in Failure['kind']]: Describe<Extract<Failure, { kind: K }>> };

const NOTHING_STARTED = 'Nothing was started and nothing was changed.';
const METRICS_KEPT = 'The metrics of all finished steps are kept.';
const RECORDED_RUNS =
  'Recorded runs play here all the same, where an experiment has one; only training needs WebGPU.';
const SAVED_UP_TO = 'The run is saved up to the step that the line under Run says.';
/** The page shows the text below the words, the command line has just printed it. */
const report = (surface: Surface) =>
  `Please report it with the text ${surface === 'page' ? 'below' : 'above'}.`;

const descriptions: Descriptions = {
  noWebGPU: (_, surface) => ({
    title: surface === 'page' ? 'This browser has no WebGPU' : 'WebGPU could not be loaded',
    what:
      surface === 'page'
        ? 'Training runs on the graphics processor through WebGPU, which this browser does not offer.'
        : 'The WebGPU implementation for Node (the package "webgpu") did not load on this machine.',
    kept: surface === 'page' ? RECORDED_RUNS : NOTHING_STARTED,
    action:
      surface === 'page'
        ? 'Open the page in Chrome or Edge 123 or newer, in Safari 26 or newer, or in Firefox 141 (Windows) or 147 (Mac with Apple silicon) or newer. On Linux, use Chrome 144 or newer; on Android, Chrome 121 or newer. The page must come over https or from localhost.'
        : 'Run npm ci again with Node 20.19 or newer.',
  }),
  noAdapter: (_, surface) => ({
    title: 'No graphics adapter is available',
    what: 'WebGPU is there, but it found no adapter to run on: the graphics driver is missing, too old or blocked.',
    kept: surface === 'page' ? RECORDED_RUNS : NOTHING_STARTED,
    action:
      surface === 'page'
        ? 'Turn on hardware acceleration in the browser settings and update the graphics driver; chrome://gpu tells the reason. On Linux or in a headless browser, start Chrome with --enable-unsafe-webgpu to get at least the software adapter.'
        : 'Run the command "adapters" to see what can be used and pick one with --adapter. On a machine without a graphics processor, run npm test once: it finds or installs the software adapter SwiftShader.',
  }),
  limitTooSmall: ({ limit, have, need }) => ({
    title: 'This setting is too large for the device',
    what: `The experiment needs ${limit} of ${amount(need)}, and the device allows ${amount(have)}.`,
    kept: NOTHING_STARTED,
    action: 'Take fewer arms, fewer prompts per step or a smaller group, or a smaller base policy.',
  }),
  outOfMemory: ({ bytes }, surface) => ({
    title: 'The graphics memory is full',
    what: `Reserving ${amount(bytes)} bytes of graphics memory failed.`,
    kept: NOTHING_STARTED,
    action:
      surface === 'page'
        ? 'Close other tabs that draw or play video, or take fewer arms, fewer prompts per step or a smaller group.'
        : 'End other programs that use the graphics processor, or take fewer arms, seeds, prompts per step or a smaller group.',
  }),
  shaderCompile: ({ kernel, detail }, surface) => ({
    title: 'A shader did not compile',
    what: sentence(`The kernel ${kernel} was refused by the graphics driver: ${detail}`),
    kept: NOTHING_STARTED,
    action: `Update the browser and the graphics driver. If it stays, it is our mistake: ${lower(report(surface))}`,
  }),
  deviceLost: ({ detail, again = false }, surface) => ({
    title: `The graphics processor was lost${again ? ' again' : ''}`,
    what: `The system took the device away${detail === '' ? '' : `: ${trimmedEnd(detail)}`}. This happens on sleep, on a driver update, and when memory runs out or a step takes too long.${again ? ' The run had been taken up by itself once, with smaller pieces of work; it is not tried a second time.' : ''}`,
    kept:
      surface === 'page'
        ? `${METRICS_KEPT} ${SAVED_UP_TO}`
        : `${METRICS_KEPT} The weights since the last checkpoint are gone.`,
    action:
      surface === 'page'
        ? 'Reload the page with the browser’s own button, then press “Continue” beside the unfinished run; or wait two minutes and press “Try again”. A browser that has lost several devices gives none before. If it is lost once more, take fewer arms or a smaller group.'
        : 'Start the command again with --resume, or without it where there is no checkpoint yet: the same seed repeats the same run. If it comes back, take fewer arms or a smaller group.',
  }),
  nonfinite: ({ arm, step, of, tensor }, surface) => ({
    title: 'Training diverged',
    what: `In arm "${arm}" the ${of} of ${tensor} ${of === 'weights' ? 'were' : 'was'} no longer made of finite numbers at step ${step}. All updates of three steps were skipped.`,
    kept:
      surface === 'terminal' && of === 'gradient'
        ? `The weights from before those steps, the other arms and ${lower(METRICS_KEPT)}`
        : METRICS_KEPT,
    action:
      'Lower the learning rate, make fewer updates a step, or set a limit for the gradient norm; then start again.',
  }),
  badPolicy: ({ detail }) => ({
    title: 'The policy file cannot be used',
    what: sentence(detail),
    kept: NOTHING_STARTED,
    action:
      'Use a safetensors file of a Llama model with f32 weights whose vocabulary is that of the task.',
  }),
  badRecipe: ({ detail }) => ({
    title: 'The settings cannot be used',
    what: sentence(detail),
    kept: NOTHING_STARTED,
    action: 'Change the setting named above and try again.',
  }),
  badInput: ({ field, detail }) => ({
    title: 'The input cannot be used',
    what: sentence(`${field}: ${detail}`),
    kept: NOTHING_STARTED,
    action: 'Correct it and try again.',
  }),
  storageFull: ({ kept }) => ({
    title: 'The browser’s storage is full',
    what:
      kept === 'numbers'
        ? 'There was no room for the weights of this run.'
        : 'There was no room to save this run.',
    kept:
      kept === 'numbers'
        ? 'Its curves are saved. The run goes on, and can be continued as long as this page stays open.'
        : 'The run goes on in this page, and what was saved before is untouched.',
    action: 'Delete runs that you no longer need, or export this one as a file.',
  }),
  storageBlocked: () => ({
    title: 'The browser keeps nothing for this page',
    what: 'Saving was refused; private windows and strict settings do that.',
    kept: 'The run goes on in this page, and is gone when it closes.',
    action: 'Export the run as a file, or open the page in an ordinary window.',
  }),
  workerCrashed: ({ detail }) => ({
    title: 'The training stopped by itself',
    what: `The part of the page that trains has ended: ${sentence(detail)}`,
    kept: `${METRICS_KEPT} ${SAVED_UP_TO}`,
    action: 'Press “Try again”: the run goes on from its last save.',
  }),
  bug: ({ detail }, surface) => ({
    title: 'Something went wrong inside the program',
    what: sentence(detail),
    kept: METRICS_KEPT,
    action: `This is our mistake, not yours. ${report(surface)}`,
  }),
};

/** What happened, what is kept and what to do, for the page's error panel and for the command line. */
export function describeFailure(failure: Failure, surface: Surface = 'page'): Description {
  // One entry per kind, which the type of `descriptions` holds to; the compiler cannot pair them by index.
  const describe = descriptions[failure.kind] as Describe<Failure>;
  return describe(failure, surface);
}

/** The line that the command line prints. Bad input gets one sentence: what is wrong says what to do. */
export function failureLine(failure: Failure): string {
  const { what, action } = describeFailure(failure, 'terminal');
  const isInput = ['badPolicy', 'badRecipe', 'badInput'].includes(failure.kind);
  return isInput ? what : `${what} ${action}`;
}

/** A whole number with separators between thousands: 134,217,728. */
function amount(n: number): string {
  return n.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** The detail as a sentence; its first word may be the name of a setting, so it keeps its case. */
function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

function trimmedEnd(text: string): string {
  return text.trim().replace(/[.!?]$/, '');
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
