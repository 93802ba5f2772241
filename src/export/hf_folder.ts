import { writeSafetensors } from '../model/safetensors';
import type { Policy } from '../model/policy';
import type { ModelSpec } from '../model/spec';
import { taskNamed } from '../tasks/registry';
import { vocabularyTokenizer, vocabularyTokenizerConfig, type SpecialTokens } from './hf_tokenizer';

/** A policy's spec as `LlamaForCausalLM` reads it. Both spellings of the rotary base: transformers 5 has the second. */
function modelConfig(spec: ModelSpec, { eos, pad }: SpecialTokens): object {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    ...spec,
    head_dim: spec.hidden_size / spec.num_attention_heads,
    hidden_act: 'silu',
    attention_bias: false,
    mlp_bias: false,
    attention_dropout: 0,
    rope_parameters: { rope_type: 'default', rope_theta: spec.rope_theta },
    bos_token_id: null,
    eos_token_id: eos,
    pad_token_id: pad,
    torch_dtype: 'float32',
  };
}

/** Plain sampling at temperature 1, as rollouts are drawn here; without it the library keeps the 50 likeliest tokens. */
const generationConfig = ({ eos, pad }: SpecialTokens): object => ({
  do_sample: true,
  temperature: 1,
  top_k: 0,
  top_p: 1,
  eos_token_id: eos,
  pad_token_id: pad,
});

const json = (value: object) => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

/** The files of a folder but for the tokenizer's. */
function modelFiles({ spec, weights }: Pick<Policy, 'spec' | 'weights'>, special: SpecialTokens) {
  const tensors = [...weights].map(
    ([name, tensor]) => [name, { dtype: 'F32', ...tensor }] as const,
  );
  return [
    ['config.json', json(modelConfig(spec, special))],
    ['generation_config.json', json(generationConfig(special))],
    // transformers reads no weights whose metadata lack a format.
    ['model.safetensors', writeSafetensors(new Map(tensors), new Map([['format', 'pt']]))],
  ] as const;
}

/**
 * A policy as the folder that Hugging Face `transformers` loads (`AutoModelForCausalLM`, `AutoTokenizer`): file names
 * and their bytes. Tensor names, shapes and values are ours unchanged, since the architecture is theirs (half-split
 * rotation included). `vocabulary` is the text of each token id. Throws RlvrError `badPolicy` for a vocabulary whose
 * tokens cannot be told apart.
 */
export function huggingFaceFolder(
  policy: Pick<Policy, 'spec' | 'weights'>,
  vocabulary: readonly string[],
  special: SpecialTokens,
): ReadonlyMap<string, Uint8Array> {
  const tokenizer = vocabularyTokenizer(vocabulary, special);
  const positions = policy.spec.max_position_embeddings;
  const config = vocabularyTokenizerConfig(vocabulary, special, positions);
  return new Map<string, Uint8Array>([
    ...modelFiles(policy, special),
    ['tokenizer.json', json(tokenizer)],
    ['tokenizer_config.json', json(config)],
  ]);
}

/**
 * The same for a policy that says itself how it writes text: one of our tasks, with the task's end token, or one from
 * elsewhere, with the tokenizer that it brought along. Throws RlvrError for an unknown task.
 */
export function policyFolder(policy: Policy): ReadonlyMap<string, Uint8Array> {
  const { tokenizer } = policy;
  const eos = tokenizer ? tokenizer.eos : taskNamed(policy.task).eos;
  const special = { eos, pad: eos };
  if (!tokenizer) return huggingFaceFolder(policy, policy.vocabulary, special);
  return new Map<string, Uint8Array>([...modelFiles(policy, special), ...tokenizer.files]);
}
