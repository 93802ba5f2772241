import { create } from 'zustand';
import type { Push, Pushed } from '../rl/one_softmax';
import type { Event } from '../worker/protocol';

/** The panel "One softmax": one token's distribution and the push it gets. */

/** Names of the panel's own tokens; they stand for any. */
export const TOKENS = ['A', 'B', 'C', 'D', 'E', 'F'] as const;

const LOGIT_BOUND = 5;
/** Log-probability that stands for all that are smaller: together they change no number that is shown. */
const LEAST_LOGPROB = -16;
export const STEP_SIZES = { min: 0.1, max: 5, step: 0.1 } as const;

/** Distributions to start from, as logits. */
export const PRESETS = {
  confident: { label: 'Confident', logits: [4, 1, 0.5, 0, -0.5, -1] },
  undecided: { label: 'Undecided', logits: [0.4, 0.2, 0.1, -0.1, -0.2, -0.4] },
  two: { label: 'Two ways', logits: [2, 1.8, -1.5, -2, -2.5, -3] },
  tail: { label: 'Long tail', logits: [2.5, 0.6, 0.3, 0, -0.3, -0.6] },
} as const satisfies Readonly<Record<string, { label: string; logits: readonly number[] }>>;
export type Preset = keyof typeof PRESETS;

/** Where a distribution of the rollouts was met. */
export interface TokenSource {
  /** Name of the arm. */
  readonly arm: string;
  readonly seed: number;
  readonly step: number;
  readonly prompt: readonly string[];
  /** Place among the distinct responses, from 1. */
  readonly response: number;
  /** Place in the response, from 1. */
  readonly place: number;
  /** Of the response. */
  readonly advantage: number;
  /** Nats at the token's position, when it was drawn and after the step's updates; null where nothing was trained. */
  readonly entropy: number;
  readonly entropyAfter: number | null;
}

/** The panel's tokens and where they start. */
interface Start {
  readonly preset: Preset | null;
  readonly push: Push;
}

export interface SoftmaxState {
  /** Names of the tokens. */
  readonly tokens: readonly string[];
  /** How far logits may be moved. */
  readonly bounds: { readonly min: number; readonly max: number };
  /** What the tokens were taken from; null while they are the panel's own. */
  readonly source: TokenSource | null;
  /** The token as it was taken, and what it took the place of; null with the source. */
  readonly taken: { readonly start: Push; readonly own: Start } | null;
  /** The tokens have just been replaced, and the panel is to be brought into view. */
  readonly arriving: boolean;
  /** Null once a logit has been moved by hand, and for tokens of the rollouts. */
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

const OWN = {
  tokens: TOKENS,
  bounds: { min: -LOGIT_BOUND, max: LOGIT_BOUND },
  source: null,
  taken: null,
  arriving: false,
} as const;

export const useSoftmax = create<SoftmaxState>(() => ({
  ...OWN,
  preset: 'confident',
  push: FIRST,
  answer: null,
}));

export function choosePreset(preset: Preset): void {
  const { logits } = PRESETS[preset];
  useSoftmax.setState(({ push, taken }) => ({
    ...OWN,
    preset,
    push: { ...push, token: taken?.own.push.token ?? push.token, logits },
  }));
}

/**
 * Puts the distribution that a token of the rollouts was drawn from in the place of the panel's own, likeliest first,
 * with log-probabilities for logits. The push goes the way of the response's advantage, as far as the one before.
 */
export function takeToken(
  source: TokenSource,
  drawn: {
    readonly vocabulary: readonly string[];
    /** (V) */
    readonly probabilities: readonly number[];
    readonly token: string;
  },
): void {
  const order = drawn.vocabulary
    .map((name, v) => ({ name, p: drawn.probabilities[v] ?? 0 }))
    .sort((a, b) => b.p - a.p);
  useSoftmax.setState(({ push, preset, taken }) => {
    const start: Push = {
      logits: order.map(({ p }) => Math.max(LEAST_LOGPROB, Math.log(p))),
      token: Math.max(
        0,
        order.findIndex(({ name }) => name === drawn.token),
      ),
      advantage: source.advantage < 0 ? -1 : 1,
      stepSize: push.stepSize,
    };
    return {
      tokens: order.map(({ name }) => name),
      bounds: { min: LEAST_LOGPROB, max: LOGIT_BOUND },
      source,
      taken: { start, own: taken?.own ?? { preset, push } },
      arriving: true,
      preset: null,
      push: start,
    };
  });
}

/** The token of the rollouts as it was taken. */
export function restoreToken(): void {
  useSoftmax.setState(({ push, taken }) => (taken === null ? { push } : { push: taken.start }));
}

/** Back to the panel's own tokens, as they were. */
export function dropToken(): void {
  useSoftmax.setState(({ taken }) =>
    taken === null ? {} : { ...OWN, ...taken.own, arriving: true },
  );
}

/** The panel is in view. */
export function arrive(): void {
  useSoftmax.setState({ arriving: false });
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
