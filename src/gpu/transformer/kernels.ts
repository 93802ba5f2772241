import { headDim, paddedDims } from '../../model/layout';
import type { ModelSpec } from '../../model/spec';
import type { Gpu } from '../device';
import { KernelCache } from '../kernel';
import { adamw } from '../kernels/adamw';
import { attention, attentionBackwardKey, attentionBackwardQuery } from '../kernels/attention';
import { attentionDecode } from '../kernels/attention_decode';
import { embedding, embeddingBackward } from '../kernels/embedding';
import { matmulConstants, matmulGradients, matmulNT } from '../kernels/matmul';
import { policyLoss } from '../kernels/policy_loss';
import { dotProduct, reduceRows } from '../kernels/reduce';
import { rmsnorm, rmsnormBackward } from '../kernels/rmsnorm';
import { rope } from '../kernels/rope';
import { sample } from '../kernels/sample';
import { softmaxFor } from '../kernels/softmax';
import { swiglu, swigluBackward } from '../kernels/swiglu';
import { tokenSelection } from '../kernels/token_selection';
import { tokenStats } from '../kernels/token_stats';
import {
  vocabGradient,
  vocabLoss,
  vocabScan,
  vocabSoftmax,
  vocabStats,
} from '../kernels/vocab_parts';

/** Every kernel of a transformer, for its head size; all pipelines but one are made in parallel. */
export type TransformerKernels = Awaited<ReturnType<typeof compileKernels>>;

/** One workgroup serves a whole minibatch. */
export const SELECTION_WORKGROUP = 64;

const caches = new WeakMap<GPUDevice, KernelCache>();

/** The one kernel cache of a device: models of equal head size share their pipelines. */
export function kernelCache(device: GPUDevice): KernelCache {
  let cache = caches.get(device);
  if (!cache) {
    cache = new KernelCache(device);
    caches.set(device, cache);
  }
  return cache;
}

/** `progress` is called as each pipeline is ready. Throws RlvrError `shaderCompile`. */
export async function compileKernels(
  { device, profile }: Gpu,
  spec: ModelSpec,
  progress: (done: number, total: number) => void = () => undefined,
) {
  const cache = kernelCache(device);
  const head = { HEAD: paddedDims(spec).head / 4, HALF: headDim(spec) / 2 };
  const element = { WG: profile.element };
  const row = { WG: profile.row };
  const matmul = matmulConstants(profile);
  const queryHead = { WG: profile.row, HEAD: head.HEAD };
  const pending = {
    embedding: cache.get(embedding, { ...element, BLOCK: profile.embeddingBlock }),
    embeddingBackward: cache.get(embeddingBackward, { ...row, BLOCK: profile.embeddingBlock }),
    rmsnorm: cache.get(rmsnorm, row),
    rmsnormBackward: cache.get(rmsnormBackward, row),
    matmulNT: cache.get(matmulNT, matmul),
    matmulGradients: cache.get(matmulGradients, matmul),
    rope: cache.get(rope, row),
    attention: cache.get(attention, queryHead),
    attentionBackwardQuery: cache.get(attentionBackwardQuery, queryHead),
    attentionBackwardKey: cache.get(attentionBackwardKey, queryHead),
    attentionDecode: cache.get(attentionDecode, { WG: profile.row, ...head }),
    swiglu: cache.get(swiglu, element),
    swigluBackward: cache.get(swigluBackward, element),
    tokenStats: cache.get(tokenStats, row),
    softmax: softmaxFor(cache, profile, spec.vocab_size),
    policyLoss: cache.get(policyLoss, row),
    sample: cache.get(sample, row),
    reduceRows: cache.get(reduceRows, row),
    dotProduct: cache.get(dotProduct, row),
    adamw: cache.get(adamw, element),
  };
  const all = Object.values(pending);
  let done = 0;
  for (const kernel of all) {
    void Promise.resolve(kernel).then(
      () => progress(++done, all.length),
      () => undefined,
    );
  }
  await Promise.all(all);
  return {
    embedding: await pending.embedding,
    embeddingBackward: await pending.embeddingBackward,
    rmsnorm: await pending.rmsnorm,
    rmsnormBackward: await pending.rmsnormBackward,
    matmulNT: await pending.matmulNT,
    matmulGradients: await pending.matmulGradients,
    rope: await pending.rope,
    attention: await pending.attention,
    attentionBackwardQuery: await pending.attentionBackwardQuery,
    attentionBackwardKey: await pending.attentionBackwardKey,
    attentionDecode: await pending.attentionDecode,
    swiglu: await pending.swiglu,
    swigluBackward: await pending.swigluBackward,
    tokenStats: await pending.tokenStats,
    softmax: await pending.softmax,
    // Few recipes select tokens, and this is among the slowest to compile.
    tokenSelection: cache.later(tokenSelection, { WG: SELECTION_WORKGROUP }),
    // Of large vocabularies alone.
    vocabScan: cache.later(vocabScan, row),
    vocabStats: cache.later(vocabStats, row),
    vocabLoss: cache.later(vocabLoss, row),
    vocabGradient: cache.later(vocabGradient, element),
    vocabSoftmax: cache.later(vocabSoftmax, element),
    policyLoss: await pending.policyLoss,
    sample: await pending.sample,
    reduceRows: await pending.reduceRows,
    dotProduct: await pending.dotProduct,
    adamw: await pending.adamw,
  };
}
