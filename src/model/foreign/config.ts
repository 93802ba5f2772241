import { quote } from '../json';
import { readSpec, SPEC_LIMITS } from '../policy';
import { SafetensorsError } from '../safetensors';
import type { ModelSpec } from '../spec';

/** Most parameters of a policy from elsewhere: 1 GiB of f32. What a device can train is found out later, by its memory. */
const MAX_FOREIGN_PARAMETERS = 2 ** 28;

/** What `LlamaConfig` of transformers takes for entries that are left out. */
const DEFAULTS = {
  max_position_embeddings: 2048,
  rms_norm_eps: 1e-6,
  rope_theta: 10_000,
  tie_word_embeddings: false,
} as const;

/** What a `config.json` says that is of use here. */
export interface LlamaConfig {
  readonly spec: ModelSpec;
  /** The token that ends a response, the first where several do; null where it does not say. */
  readonly eos: number | null;
}

function fail(message: string): never {
  throw new SafetensorsError(message);
}

/** An object of a stranger's, whose own entries alone are looked at. */
export function ownEntries(value: unknown, what: string): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    fail(`${what} is not a JSON object.`);
  }
  return new Map(Object.entries(value));
}

/** A value of a stranger's for a message. */
export const inWords = (value: unknown): string =>
  typeof value === 'string' ? quote(value) : quote(JSON.stringify(value) ?? 'nothing');

/** The rotary base, in either spelling; refuses every way to stretch positions. */
function ropeTheta(config: ReadonlyMap<string, unknown>): unknown {
  let theta = config.get('rope_theta');
  for (const key of ['rope_scaling', 'rope_parameters']) {
    const value = config.get(key) ?? null;
    if (value === null) continue;
    const rope = ownEntries(value, `The ${key} of config.json`);
    const type = rope.get('rope_type') ?? rope.get('type') ?? 'default';
    if (type !== 'default') {
      fail(
        `config.json stretches rotary positions (${key} ${inWords(type)}), which is not computed here.`,
      );
    }
    const own = rope.get('rope_theta');
    if (own !== undefined && theta !== undefined && own !== theta) {
      fail(`config.json names two rotary bases, ${inWords(theta)} and ${inWords(own)}.`);
    }
    theta ??= own;
    if ((rope.get('partial_rotary_factor') ?? 1) !== 1) {
      fail('config.json rotates a part of each head only, which is not computed here.');
    }
  }
  return theta ?? DEFAULTS.rope_theta;
}

/**
 * Reads a Hugging Face `config.json` of the Llama architecture, with the defaults of transformers. Throws
 * SafetensorsError, which names the entry, for other architectures and for settings that our kernels do not compute.
 */
export function readLlamaConfig(value: unknown): LlamaConfig {
  const config = ownEntries(value, 'config.json');
  const type = config.get('model_type');
  if (type !== 'llama') {
    fail(`config.json says model_type ${inWords(type)}; only "llama" is computed here.`);
  }
  const architectures = config.get('architectures') ?? ['LlamaForCausalLM'];
  if (!Array.isArray(architectures) || !architectures.includes('LlamaForCausalLM')) {
    fail(`config.json has the architecture ${inWords(architectures)}, not LlamaForCausalLM.`);
  }
  if ((config.get('quantization_config') ?? null) !== null) {
    fail('config.json has a quantization_config; only plain f32, f16 and bf16 weights are read.');
  }
  const entries = {
    ...DEFAULTS,
    num_key_value_heads: config.get('num_attention_heads'),
    ...Object.fromEntries(config),
    rope_theta: ropeTheta(config),
    rope_scaling: null,
  };
  const positions = entries.max_position_embeddings;
  const [, most] = SPEC_LIMITS.max_position_embeddings;
  const spec = readSpec(
    // Rotary positions need no table of the model's, so more positions than ours are no obstacle.
    { ...entries, max_position_embeddings: positions > most ? most : positions },
    MAX_FOREIGN_PARAMETERS,
  );
  return { spec, eos: tokenId(config.get('eos_token_id'), spec, 'eos_token_id') };
}

/** A token id, the first of several, or null. */
function tokenId(value: unknown, spec: ModelSpec, name: string): number | null {
  const id: unknown = Array.isArray(value) ? value[0] : value;
  if (id === undefined || id === null) return null;
  if (!Number.isInteger(id) || Number(id) < 0 || Number(id) >= spec.vocab_size) {
    fail(`config.json has ${inWords(id)} as ${name}, which is no token of the model.`);
  }
  return Number(id);
}
