import { parseStrictJson, quote } from '../json';
import { readWeights } from '../policy';
import { parseSafetensors, SafetensorsError, type SafetensorsTensor } from '../safetensors';
import type { ModelSpec, Tensor } from '../spec';
import { inWords, ownEntries } from './config';

const WHOLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

/** Tables of angles, which older files carry and the rotary base gives. */
const ANGLES = /\.rotary_emb\.inv_freq$/;

function fail(message: string): never {
  throw new SafetensorsError(message);
}

/** JSON of a file of the folder; a SafetensorsError names the file where it is none. */
export function jsonOf(files: ReadonlyMap<string, Uint8Array>, name: string): unknown {
  const bytes = files.get(name);
  if (bytes === undefined) return fail(`The folder has no ${name}.`);
  try {
    return parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return fail(`${name} is not valid JSON, or has an object with the same key twice.`);
  }
}

/** The files that hold the weights, and by tensor the one that should. */
function shards(files: ReadonlyMap<string, Uint8Array>) {
  if (files.has(WHOLE)) return { names: [WHOLE], where: new Map<string, unknown>() };
  if (!files.has(INDEX)) fail(`The folder has neither ${WHOLE} nor ${INDEX}.`);
  const index = ownEntries(jsonOf(files, INDEX), INDEX);
  const where = ownEntries(index.get('weight_map'), `The weight_map of ${INDEX}`);
  const names = new Set<string>();
  for (const name of where.values()) {
    if (typeof name !== 'string' || !files.has(name)) {
      fail(`${INDEX} names the file ${inWords(name)}, which the folder has not.`);
    }
    names.add(name);
  }
  return { names: [...names], where };
}

/**
 * The weights of a model in one safetensors file or in several with an index, in f32. Throws SafetensorsError unless
 * they are exactly the parameters of `spec`.
 */
export function readShards(
  files: ReadonlyMap<string, Uint8Array>,
  spec: ModelSpec,
): Map<string, Tensor> {
  const { names, where } = shards(files);
  const tensors = new Map<string, SafetensorsTensor>();
  for (const file of names) {
    const shard = parseSafetensors(files.get(file) ?? new Uint8Array(0), { halves: true });
    for (const [name, tensor] of shard.tensors) {
      if (tensors.has(name)) fail(`Two files of the folder hold the tensor ${quote(name)}.`);
      if (where.size > 0 && where.get(name) !== file) {
        fail(`${INDEX} does not name ${quote(file)} as the file of the tensor ${quote(name)}.`);
      }
      const isHeadOfTied = name === 'lm_head.weight' && spec.tie_word_embeddings;
      if (!ANGLES.test(name) && !isHeadOfTied) tensors.set(name, tensor);
    }
  }
  return readWeights({ metadata: new Map(), tensors }, spec);
}
