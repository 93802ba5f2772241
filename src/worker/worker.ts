import { Lockstep } from '../engine/lockstep';
import { pushOnceOnGpu } from '../engine/one_softmax';
import { RlvrError } from '../errors/failure';
import { requestGpu, type Gpu } from '../gpu/device';
import { SUBMIT_MS } from '../gpu/pace';
import { shaderHash } from '../gpu/shader_hash';
import type { Push } from '../rl/one_softmax';
import { checkedCase, checkedKernel, kernelsOf } from './kernel_answers';
import { Layouts } from './layouts';
import { loadPolicies } from './policies';
import type { Command, Event, From, FromRetraced, NamedRun, PolicyRequest } from './protocol';
import { retrace } from './retrace';
import { failureOf, Session } from './session';

/** The worker: owns the GPU device and the session, and answers the page's commands in order. */

const post = (event: Event, transfer: Transferable[] = []) => self.postMessage(event, { transfer });

/** No device is given less work at a time than this, however many were lost. */
const LEAST_SUBMIT_MS = 5;
/** A read may be refused before the device's own news of its loss is here; that takes a tenth of a second. */
const NEWS_MS = 2_000;

let gpu: Promise<Gpu> | null = null;
/** What the next device is given at a time: half as much after every loss, since a submit that is too long is a cause. */
let submitMs = SUBMIT_MS;
let session: Session | null = null;
/** The latest session asked for; an older `prepare` that is still under way gives up. */
let latest = 0;
let preparing: Promise<void> = Promise.resolve();
const layouts = new Layouts();

function openGpu(): Promise<Gpu> {
  gpu ??= requestGpu(navigator.gpu).then((found) => {
    const opened = { ...found, submitMs };
    opened.device.addEventListener('uncapturederror', ({ error }) => {
      post({ type: 'failed', session: latest, failure: { kind: 'bug', detail: error.message } });
    });
    void opened.device.lost.then(({ message, reason }) => {
      gpu = null;
      if (reason === 'destroyed') return;
      submitMs = Math.max(LEAST_SUBMIT_MS, submitMs / 2);
      post({ type: 'failed', session: latest, failure: { kind: 'deviceLost', detail: message } });
    });
    return opened;
  });
  return gpu;
}

/**
 * What a session says. That its device is lost the device says itself, once, and the page may have begun another session
 * by the time a refused read is heard of: that news is held back, and is then of a session that is over.
 */
function tell(event: Event, transfer: Transferable[] = []): void {
  const isLoss = event.type === 'failed' && event.failure.kind === 'deviceLost';
  if (isLoss) setTimeout(() => post(event), NEWS_MS);
  else post(event, transfer);
}

/** The device as the prepared runs use it. */
const gpuInUse = () => openGpu().then((opened) => layouts.laidOut(opened));

async function prepare({
  session: number,
  runs,
  from,
  evaluate,
  measure,
}: Extract<Command, { type: 'prepare' }>): Promise<void> {
  try {
    await session?.close();
    session = null;
    if (number !== latest) return;
    const start = from && 'retrace' in from ? await retraced(number, from) : from;
    if (number !== latest) return;
    const lockstep = await openRuns(number, runs);
    if (number !== latest) {
      lockstep.destroy();
      return;
    }
    session = new Session(number, runs, lockstep, tell, { evaluate, measure });
    if (start) session.continueFrom(start);
    await session.showBase();
    session.announce();
  } catch (error) {
    tell({ type: 'failed', session: number, failure: failureOf(error) });
  }
}

async function openRuns(number: number, runs: readonly NamedRun[]): Promise<Lockstep> {
  const [opened, policies] = await Promise.all([openGpu(), loadPolicies(runs)]);
  const specs = runs.map(({ name, recipe }) => {
    const policy = policies.get(recipe.policy);
    if (!policy) throw new RlvrError({ kind: 'badPolicy', detail: `${recipe.policy} is missing` });
    return { arm: name, recipe, policy };
  });
  const laidOut = await layouts.choose(opened, specs, {
    cancelled: () => number !== latest,
    progress: (done, total) =>
      post({ type: 'preparing', session: number, what: 'layouts', done, total }),
  });
  const lockstep = await Lockstep.create(laidOut, specs, (done, total) =>
    post({ type: 'preparing', session: number, what: 'kernels', done, total }),
  );
  post(layouts.event(opened));
  return lockstep;
}

/** The state to go on from, where it has to be trained again; undefined once nobody waits for it. */
async function retraced(
  number: number,
  { retrace: plan, of, missing }: FromRetraced,
): Promise<From | undefined> {
  const lockstep = await openRuns(number, plan.runs);
  try {
    const bytes = await retrace(
      lockstep,
      plan,
      (done, total) => post({ type: 'preparing', session: number, what: 'steps', done, total }),
      () => number === latest,
    );
    return bytes === null ? undefined : { bytes, of, missing };
  } finally {
    lockstep.destroy();
  }
}

async function answer(push: Push): Promise<void> {
  const pushed = await openGpu()
    .then((opened) => pushOnceOnGpu(opened, push))
    .catch(() => null);
  post({ type: 'softmax', push, pushed });
}

/** The code for this is loaded when it is first asked for. */
async function policyAnswered(
  ask: number,
  request: PolicyRequest,
  device: () => Promise<Gpu>,
): Promise<void> {
  try {
    const { policyAnswer } = await import('./policy_answers');
    const answer = await policyAnswer(request, device);
    const transfer = answer.kind === 'zip' ? [answer.bytes.buffer] : [];
    post({ type: 'policy', ask, answer, failure: null }, transfer);
  } catch (error) {
    post({ type: 'policy', ask, answer: null, failure: failureOf(error) });
  }
}

async function timeLayouts(cancelled: () => boolean): Promise<void> {
  try {
    post(await layouts.time(await openGpu(), cancelled));
  } catch (error) {
    post({ type: 'failed', session: latest, failure: failureOf(error) });
  }
}

/** Whatever wants the device ends a timing of layouts, or keeps it from beginning. */
const ENDS_TIMING: readonly Command['type'][] = [
  ...(['prepare', 'run', 'step', 'evaluate', 'measure', 'stopTimingLayouts'] as const),
];
/** Grows with every such command, and with every timing that is asked for. */
let timing = 0;

function handle(command: Command): void {
  if (ENDS_TIMING.includes(command.type)) timing++;
  if (command.type === 'stopTimingLayouts') return;
  if (command.type === 'keptTimings') return layouts.keep(command.kept);
  if (command.type === 'timeLayouts') {
    const own = ++timing;
    preparing = preparing.then(() => timeLayouts(() => own !== timing));
    return;
  }
  if (command.type === 'prepare') {
    latest = command.session;
    preparing = preparing.then(() => prepare(command));
    return;
  }
  if (command.type === 'softmax') return void answer(command.push);
  if (command.type === 'policy') {
    const { ask, request } = command;
    const answered = () => policyAnswered(ask, request, gpuInUse);
    // What needs the device waits in line like `verify`, and what is held is there before it is trained; a reader waits
    // for nothing.
    if (request.kind === 'sample' || request.kind === 'hold') preparing = preparing.then(answered);
    else void answered();
    return;
  }
  if (command.type === 'verify') {
    // In line with `prepare`: both make buffers, and errors of the one must not count as the other's.
    preparing = preparing.then(async () => post(await checkedCase(gpuInUse(), command.name)));
    return;
  }
  if (command.type === 'checkKernel') {
    preparing = preparing.then(async () => post(await checkedKernel(gpuInUse(), command.index)));
    return;
  }
  if (command.type === 'kernels') {
    const shapes = () => session?.shapes ?? [];
    preparing = preparing.then(async () =>
      post(await kernelsOf(gpuInUse(), shapes(), command.time)),
    );
    return;
  }
  if (command.session !== latest) return;
  switch (command.type) {
    case 'run':
      session?.run();
      break;
    case 'pause':
      session?.pause();
      break;
    case 'step':
      session?.step();
      break;
    case 'evaluate':
      session?.evaluate(command.prompts, command.samples);
      break;
    case 'measure':
      session?.measure(command.kind, command.prompts, command.samples);
      break;
    case 'plan':
      session?.plan(command.measure);
      break;
    case 'save':
      session?.save();
      break;
    case 'watch':
      session?.watch(command.run, command.prompt);
      break;
    case 'set':
      for (const run of command.runs) session?.set(run, command.setting, command.value);
      break;
  }
}

self.addEventListener('message', (message: MessageEvent<Command>) => handle(message.data));
openGpu().then(
  async ({ facts }) => post({ type: 'adapter', facts, shaders: await shaderHash() }),
  (error: unknown) => {
    gpu = null;
    post({ type: 'failed', session: 0, failure: failureOf(error) });
  },
);
