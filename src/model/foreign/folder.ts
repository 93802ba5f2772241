import { tasks } from '../../tasks/registry';
import type { Policy } from '../policy';
import { SafetensorsError } from '../safetensors';
import { readLlamaConfig } from './config';
import { readTokenizer } from './tokenizer';
import { jsonOf, readShards } from './weights';

/** Files of a folder that are kept as they are, to leave with the policy. */
const TOKENIZER_FILES = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'];

/** Whether a folder needs this file: everything else of it need not be read. */
export const isPolicyFile = (name: string): boolean =>
  name === 'config.json' ||
  TOKENIZER_FILES.includes(name) ||
  name.endsWith('.safetensors') ||
  name === 'model.safetensors.index.json';

/**
 * A policy from a Hugging Face folder of the Llama architecture, by the names of its files: config.json, weights in one
 * safetensors file or several with an index (f32, f16 or bf16), tokenizer.json (BPE, or whole words as our export
 * writes them). One whose vocabulary is that of a task of ours is like any other policy of that task. Throws
 * SafetensorsError, whose message is one sentence that names the file or the entry.
 */
export function readPolicyFolder(files: ReadonlyMap<string, Uint8Array>): Policy {
  const config = readLlamaConfig(jsonOf(files, 'config.json'));
  const settings = files.has('tokenizer_config.json') ? jsonOf(files, 'tokenizer_config.json') : {};
  const tokenizer = readTokenizer(
    jsonOf(files, 'tokenizer.json'),
    settings,
    config.spec.vocab_size,
  );
  const { vocabulary, prefix, encode } = tokenizer;
  const eos = config.eos ?? tokenizer.eos;
  if (eos === null) {
    throw new SafetensorsError(
      'Neither config.json (eos_token_id) nor tokenizer_config.json (eos_token) says which token ends a response.',
    );
  }
  const weights = readShards(files, config.spec);
  const made = { from: 'a Hugging Face folder' };
  const task = tasks.find(
    (candidate) =>
      candidate.eos === eos && candidate.vocabulary.join('\0') === vocabulary.join('\0'),
  );
  if (task) return { spec: config.spec, weights, task: task.name, vocabulary, made };
  const kept = TOKENIZER_FILES.flatMap((name) => {
    const bytes = files.get(name);
    return bytes === undefined ? [] : [[name, bytes] as const];
  });
  return {
    spec: config.spec,
    weights,
    task: '',
    vocabulary,
    made,
    tokenizer: { eos, prefix, files: new Map(kept), encode },
  };
}
