import { Lockstep } from '../engine/lockstep';
import { pushOnceOnGpu } from '../engine/one_softmax';
import { RlvrError } from '../errors/failure';
import { requestGpu, type Gpu } from '../gpu/device';
import type { Push } from '../rl/one_softmax';
import { checkedCase, checkedKernel, kernelsOf } from './kernel_answers';
import { loadPolicies } from './policies';
import type { Command, Event, From, FromRetraced, NamedRun } from './protocol';
import { retrace } from './retrace';
import { failureOf, Session } from './session';

/** The worker: owns the GPU device and the session, and answers the page's commands in order. */

const post = (event: Event, transfer: Transferable[] = []) => self.postMessage(event, { transfer });

let gpu: Promise<Gpu> | null = null;
let session: Session | null = null;
/** The latest session asked for; an older `prepare` that is still under way gives up. */
let latest = 0;
let preparing: Promise<void> = Promise.resolve();

function openGpu(): Promise<Gpu> {
  gpu ??= requestGpu(navigator.gpu).then((opened) => {
    opened.device.addEventListener('uncapturederror', ({ error }) => {
      post({ type: 'failed', session: latest, failure: { kind: 'bug', detail: error.message } });
    });
    void opened.device.lost.then(({ message, reason }) => {
      gpu = null;
      if (reason === 'destroyed') return;
      post({ type: 'failed', session: latest, failure: { kind: 'deviceLost', detail: message } });
    });
    return opened;
  });
  return gpu;
}

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
    session = new Session(number, runs, lockstep, post, { evaluate, measure });
    if (start) session.continueFrom(start);
    await session.showBase();
    session.announce();
  } catch (error) {
    post({ type: 'failed', session: number, failure: failureOf(error) });
  }
}

async function openRuns(number: number, runs: readonly NamedRun[]): Promise<Lockstep> {
  const [opened, policies] = await Promise.all([openGpu(), loadPolicies(runs)]);
  const specs = runs.map(({ name, recipe }) => {
    const policy = policies.get(recipe.policy);
    if (!policy) throw new RlvrError({ kind: 'badPolicy', detail: `${recipe.policy} is missing` });
    return { arm: name, recipe, policy };
  });
  return Lockstep.create(opened, specs, (done, total) =>
    post({ type: 'preparing', session: number, what: 'kernels', done, total }),
  );
}

/** The state to go on from, where it has to be trained again; undefined once nobody waits for it. */
async function retraced(
  number: number,
  { retrace: plan, of }: FromRetraced,
): Promise<From | undefined> {
  const lockstep = await openRuns(number, plan.runs);
  try {
    const bytes = await retrace(
      lockstep,
      plan,
      (done, total) => post({ type: 'preparing', session: number, what: 'steps', done, total }),
      () => number === latest,
    );
    return bytes === null ? undefined : { bytes, of };
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

function handle(command: Command): void {
  if (command.type === 'prepare') {
    latest = command.session;
    preparing = preparing.then(() => prepare(command));
    return;
  }
  if (command.type === 'softmax') return void answer(command.push);
  if (command.type === 'verify') {
    // In line with `prepare`: both make buffers, and errors of the one must not count as the other's.
    preparing = preparing.then(async () => post(await checkedCase(openGpu(), command.name)));
    return;
  }
  if (command.type === 'checkKernel') {
    preparing = preparing.then(async () => post(await checkedKernel(openGpu(), command.index)));
    return;
  }
  if (command.type === 'kernels') {
    const shapes = () => session?.shapes ?? [];
    preparing = preparing.then(async () =>
      post(await kernelsOf(openGpu(), shapes(), command.time)),
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
  ({ facts }) => post({ type: 'adapter', facts }),
  (error: unknown) => {
    gpu = null;
    post({ type: 'failed', session: 0, failure: failureOf(error) });
  },
);
