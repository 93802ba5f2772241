import { create } from 'zustand';
import type { Push, Pushed } from '../rl/one_softmax';
import type { Event } from '../worker/protocol';

/** The panel "One softmax": one token's distribution and the push it gets. */

/** Names of the tokens of the panel; they stand for any. */
export const TOKENS = ['A', 'B', 'C', 'D', 'E', 'F'] as const;

export const LOGIT_BOUND = 5;
export const STEP_SIZES = { min: 0.1, max: 5, step: 0.1 } as const;

/** Distributions to start from, as logits. */
export const PRESETS = {
  confident: { label: 'Confident', logits: [4, 1, 0.5, 0, -0.5, -1] },
  undecided: { label: 'Undecided', logits: [0.4, 0.2, 0.1, -0.1, -0.2, -0.4] },
  two: { label: 'Two ways', logits: [2, 1.8, -1.5, -2, -2.5, -3] },
  tail: { label: 'Long tail', logits: [2.5, 0.6, 0.3, 0, -0.3, -0.6] },
} as const satisfies Readonly<Record<string, { label: string; logits: readonly number[] }>>;
export type Preset = keyof typeof PRESETS;

export interface SoftmaxState {
  /** Null once a logit has been moved by hand. */
  readonly preset: Preset | null;
  readonly push: Push;
  /** The device's answer to the newest push it was asked about; null where there is none yet, or no device. */
  readonly answer: { readonly push: Push; readonly pushed: Pushed } | null;
}

/** Large enough to see, small enough for the prediction to be close. */
export const FIRST_STEP = 1.5;

const FIRST: Push = {
  logits: PRESETS.confident.logits,
  token: 0,
  advantage: 1,
  stepSize: FIRST_STEP,
};

export const useSoftmax = create<SoftmaxState>(() => ({
  preset: 'confident',
  push: FIRST,
  answer: null,
}));

export function choosePreset(preset: Preset): void {
  const { logits } = PRESETS[preset];
  useSoftmax.setState(({ push }) => ({ preset, push: { ...push, logits } }));
}

export function setLogit(token: number, logit: number): void {
  useSoftmax.setState(({ push }) => ({
    preset: null,
    push: { ...push, logits: push.logits.map((old, v) => (v === token ? logit : old)) },
  }));
}

/** Token, sign of the advantage, size of the step. */
export function changePush(change: Partial<Omit<Push, 'logits'>>): void {
  useSoftmax.setState(({ push }) => ({ push: { ...push, ...change } }));
}

/** What the panel needs of the worker's client. */
export interface SoftmaxDevice {
  softmax(push: Push): void;
  subscribe(listener: (event: Event) => void): () => void;
}

let device: SoftmaxDevice | null = null;
/** A question is with the worker. */
let asked: Push | null = null;

/** Hands the panel the worker that has the device, or none. */
export function serveSoftmax(next: SoftmaxDevice | null): void {
  device = next;
  asked = null;
  useSoftmax.setState({ answer: null });
  device?.subscribe((event) => {
    if (event.type === 'softmax' && device === next) receive(event.push, event.pushed);
  });
}

/** Asks the device about the newest push, one question at a time: a slider moves faster than an answer comes. */
export function askDevice(): void {
  const { push } = useSoftmax.getState();
  if (device === null || asked !== null) return;
  asked = push;
  device.softmax(push);
}

function receive(push: Push, pushed: Pushed | null): void {
  asked = null;
  useSoftmax.setState({ answer: pushed === null ? null : { push, pushed } });
  const newest = useSoftmax.getState().push;
  if (pushed !== null && !samePush(push, newest)) askDevice();
}

/** Whether an answer belongs to a push: what comes back from the worker is a copy. */
export function samePush(a: Push, b: Push): boolean {
  return (
    a.token === b.token &&
    a.advantage === b.advantage &&
    a.stepSize === b.stepSize &&
    a.logits.length === b.logits.length &&
    a.logits.every((logit, v) => logit === b.logits[v])
  );
}
