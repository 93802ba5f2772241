import { Lockstep } from '../engine/lockstep';
import { RlvrError } from '../errors/failure';
import { requestGpu, type Gpu } from '../gpu/device';
import { loadPolicies } from './policies';
import type { NamedRun, Command, Event } from './protocol';
import { failureOf, Session } from './session';

/** The worker: owns the GPU device and the session, and answers the page's commands in order. */

const post = (event: Event) => self.postMessage(event);

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

async function prepare(number: number, runs: readonly NamedRun[]): Promise<void> {
  try {
    await session?.close();
    session = null;
    if (number !== latest) return;
    const [opened, policies] = await Promise.all([openGpu(), loadPolicies(runs)]);
    const specs = runs.map(({ name, recipe }) => {
      const policy = policies.get(recipe.policy);
      if (!policy)
        throw new RlvrError({ kind: 'badPolicy', detail: `${recipe.policy} is missing` });
      return { arm: name, recipe, policy };
    });
    const lockstep = await Lockstep.create(opened, specs, (done, total) =>
      post({ type: 'preparing', session: number, done, total }),
    );
    if (number !== latest) {
      lockstep.destroy();
      return;
    }
    session = new Session(number, runs, lockstep, post);
    await session.showBase();
    post({ type: 'ready', session: number });
  } catch (error) {
    post({ type: 'failed', session: number, failure: failureOf(error) });
  }
}

function handle(command: Command): void {
  if (command.type === 'prepare') {
    latest = command.session;
    preparing = preparing.then(() => prepare(command.session, command.runs));
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
    case 'set':
      session?.set(command.run, command.setting, command.value);
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
