import { RlvrError } from '../errors/failure';
import type { Gpu } from '../gpu/device';
import { TransformerRuns } from '../gpu/transformer/runs';
import { policyText } from '../model/foreign/text';
import { packWeights } from '../model/layout';
import type { Policy } from '../model/policy';
import { SafetensorsError } from '../model/safetensors';
import { sampleResponses } from './evaluate';

/** How a policy is asked to go on with a text. */
export interface TextRequest {
  readonly prompt: string;
  readonly samples: number;
  /** From 0.01 to 100. */
  readonly temperature: number;
  readonly seed: number;
}

/** A text in a policy's tokens. */
export interface TextPrompt {
  readonly tokens: readonly number[];
  /** Positions that are left for a response, at least one. */
  readonly room: number;
}

/** Rows that are sampled at a time. */
const MOST_ROWS = 64;

/** Throws RlvrError `badInput` of the field "prompt" for what has no token, and for a text that fills the policy. */
export function promptOf(policy: Policy, text: string): TextPrompt {
  const tokens = inTokens(policy, text);
  const room = policy.spec.max_position_embeddings - tokens.length;
  if (tokens.length === 0) return refuse('give a text to go on with');
  if (room < 1) return refuse(`its ${tokens.length} tokens leave the policy no room`);
  return { tokens, room };
}

function inTokens(policy: Policy, text: string): readonly number[] {
  const { prefix, encode } = policyText(policy);
  try {
    return [...prefix, ...encode(text)];
  } catch (error) {
    if (error instanceof SafetensorsError) return refuse(error.message);
    throw error;
  }
}

/**
 * Texts of the responses to one prompt, each up to its end token and of at most `most` tokens. The same seed repeats them.
 * Throws RlvrError `badInput` as `promptOf` does, and what a device throws that is too small.
 */
export async function samplePolicy(
  gpu: Gpu,
  policy: Policy,
  { prompt: text, samples, temperature, seed }: TextRequest,
  most: number,
): Promise<readonly string[]> {
  const { tokens: prompt, room } = promptOf(policy, text);
  const { eos } = policyText(policy);
  const frame = { promptLength: prompt.length, eos };
  const runs = await TransformerRuns.create(gpu, policy.spec, {
    runs: 1,
    rows: Math.min(MOST_ROWS, samples),
    length: prompt.length + Math.min(most, room),
    minibatchRows: 1,
    updates: 1,
    ...frame,
  });
  try {
    runs.writeParameters('weights', 0, packWeights(runs.layout, policy.weights));
    const [responses = []] = await sampleResponses(runs, {
      task: frame,
      samples,
      runs: [{ seed, temperature, prompts: [prompt] }],
    });
    return responses.map(({ tokens }) =>
      tokens
        .filter((id) => id !== eos)
        .map((id) => policy.vocabulary[id])
        .join(''),
    );
  } finally {
    runs.destroy();
  }
}

function refuse(detail: string): never {
  throw new RlvrError({ kind: 'badInput', field: 'prompt', detail });
}
