/** The cases in jax-js, as its documentation would have one write them. Arrays are consumed by use; `.ref` keeps one. */
import {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from '@jax-js/jax';
import { inputsAndTargets, nestedWeights } from './weights.mjs';

/** Must be awaited before anything else. */
export async function open() {
  await init('webgpu');
  defaultDevice('webgpu');
}

const floats = (data, shape) => np.array(data).reshape(shape);
const integers = (data, shape) => np.array(data, { dtype: np.int32 }).reshape(shape);

/**
 * Repeats an operation on arrays of its own, and waits for the last result. An array is computed when somebody asks for it,
 * and one that is disposed of before is never computed at all: asking for its buffer submits the work and does not wait.
 */
function repeated(operation, inputs) {
  const once = () => operation(...inputs.map((input) => input.ref));
  return {
    async run(times) {
      for (let n = 1; n < times; n++) once().gpuBufferSync();
      const last = once();
      await blockUntilReady(last);
      last.dispose();
    },
    outcome: () => once().data(),
    destroy: () => tree.dispose(inputs),
  };
}

/** (n, n) times (n, n). */
export async function product({ n, a, b }) {
  const inputs = [floats(a, [n, n]), floats(b, [n, n])];
  await blockUntilReady(inputs);
  return repeated(jit(np.matmul), inputs);
}

/** Softmax of every row. */
export async function softmax({ rows, columns, x }) {
  const inputs = [floats(x, [rows, columns])];
  await blockUntilReady(inputs);
  return repeated(
    jit((logits) => nn.softmax(logits, -1)),
    inputs,
  );
}

function rmsnorm(x, weight, eps) {
  const meanSquare = np.mean(np.square(x.ref), -1, { keepdims: true });
  return x.mul(np.reciprocal(np.sqrt(meanSquare.add(eps)))).mul(weight);
}

/** Half-split rotation of x (rows, positions, heads, width) by angles (positions, 1, width / 2). */
function rotate(x, cosine, sine) {
  const half = x.shape[3] / 2;
  const a = x.ref.slice([], [], [], [0, half]);
  const b = x.slice([], [], [], [half]);
  const first = a.ref.mul(cosine.ref).sub(b.ref.mul(sine.ref));
  return np.concatenate([first, b.mul(cosine).add(a.mul(sine))], -1);
}

/**
 * softmax(q k^T / sqrt(width)) v where `mask` allows; (rows, positions, heads, width) each. Written out, because
 * nn.dotProductAttention needs iterator helpers, which Node has from 22 on.
 */
function attention(q, k, v, mask) {
  const [rows, positions, heads, width] = q.shape;
  const byHead = (x) => np.transpose(x, [0, 2, 1, 3]);
  const scores = np.matmul(byHead(q), np.transpose(k, [0, 2, 3, 1])).mul(1 / Math.sqrt(width));
  const shares = nn.softmax(np.where(mask, scores, -1e9), -1);
  const mixed = np.matmul(shares, byHead(v));
  return np.transpose(mixed, [0, 2, 1, 3]).reshape([rows, positions, heads, width]);
}

/** `attend(q, k, v, layer)` sees (rows, positions, heads, width) before rotation. */
function transformer(spec, params, tokens, attend) {
  const [rows, positions] = tokens.shape;
  const { hidden_size: width, num_attention_heads: heads, rms_norm_eps: eps } = spec;
  const inHeads = (x) => x.reshape([rows, positions, heads, width / heads]);
  let x = np.take(params.embedding, tokens, 0);
  params.layers.forEach((w, layer) => {
    const h = rmsnorm(x.ref, w.inputNorm, eps);
    const [q, k] = [inHeads(np.matmul(h.ref, w.q)), inHeads(np.matmul(h.ref, w.k))];
    const attended = attend(q, k, inHeads(np.matmul(h, w.v)), layer);
    x = x.add(np.matmul(attended.reshape([rows, positions, width]), w.o));
    const m = rmsnorm(x.ref, w.mlpNorm, eps);
    const gated = nn.silu(np.matmul(m.ref, w.gate)).mul(np.matmul(m, w.up));
    x = x.add(np.matmul(gated, w.down));
  });
  return np.matmul(rmsnorm(x, params.norm, eps), params.head);
}

/** One jitted function: loss, gradient and Adam (AdamW without decay). */
function trainingStep({ spec, rows, positions, adam }) {
  const { learningRate, beta1, beta2, eps } = adam;
  const lossOf = (params, inputs, targets, cosine, sine) => {
    const logits = transformer(spec, params, inputs, (q, k, v) =>
      attention(
        rotate(q, cosine.ref, sine.ref),
        rotate(k, cosine.ref, sine.ref),
        v,
        np.tri(positions, positions, 0, { dtype: np.bool }),
      ),
    );
    const chosen = nn.logSoftmax(logits, -1).mul(nn.oneHot(targets, spec.vocab_size));
    return np.sum(chosen).mul(-1 / (rows * positions));
  };
  return jit((state, inputs, targets, cosine, sine) => {
    const [loss, grads] = valueAndGrad(lossOf)(
      tree.ref(state.params),
      inputs,
      targets,
      cosine,
      sine,
    );
    const power1 = state.power1.mul(beta1);
    const power2 = state.power2.mul(beta2);
    const m = tree.map((old, g) => old.mul(beta1).add(g.mul(1 - beta1)), state.m, tree.ref(grads));
    const v = tree.map((old, g) => old.mul(beta2).add(np.square(g).mul(1 - beta2)), state.v, grads);
    const rate1 = np.reciprocal(np.subtract(1, power1.ref)).mul(learningRate);
    const rate2 = np.reciprocal(np.subtract(1, power2.ref));
    const params = tree.map(
      (p, mean, square) => p.sub(mean.mul(rate1.ref).div(np.sqrt(square.mul(rate2.ref)).add(eps))),
      state.params,
      tree.ref(m),
      tree.ref(v),
    );
    return [loss, { params, m, v, power1, power2 }];
  });
}

/** Steps on one batch, the loss read after each. */
export async function training(problem) {
  const { spec, rows, positions, cosine, sine } = problem;
  const half = spec.hidden_size / spec.num_attention_heads / 2;
  const { inputs, targets } = inputsAndTargets(problem);
  const batch = [
    integers(inputs, [rows, positions]),
    integers(targets, [rows, positions]),
    floats(cosine, [positions, 1, half]),
    floats(sine, [positions, 1, half]),
  ];
  const params = nestedWeights(problem, floats);
  const zeros = () => tree.map((p) => np.zeros(p.shape), params);
  let state = { params, m: zeros(), v: zeros(), power1: np.array(1), power2: np.array(1) };
  const step = trainingStep(problem);
  const losses = [];
  return {
    async run(times) {
      for (let n = 0; n < times; n++) {
        let loss;
        [loss, state] = step(state, ...batch.map((x) => x.ref));
        losses.push((await loss.data())[0]);
      }
    },
    outcome: () => Float32Array.from(losses),
    destroy: () => tree.dispose([state, batch]),
  };
}

/** One position of every row: (state, token ids) -> (state, greedy next ids). Keys and values are kept per layer. */
function decodeStep({ spec, rows, length }) {
  const kept = [
    rows,
    length,
    spec.num_attention_heads,
    spec.hidden_size / spec.num_attention_heads,
  ];
  return jit((params, caches, tokens, at) => {
    const grown = [];
    const here = at.here.reshape([1, length, 1, 1]);
    const logits = transformer(spec, params, tokens.reshape([rows, 1]), (q, k, v, layer) => {
      const put = (cache, value) => np.where(here.ref, np.broadcastTo(value, kept), cache);
      const keys = put(caches[layer].keys, rotate(k, at.cosine.ref, at.sine.ref));
      const values = put(caches[layer].values, v);
      grown.push({ keys: keys.ref, values: values.ref });
      const query = rotate(q, at.cosine.ref, at.sine.ref);
      const mask = at.seen.ref.reshape([1, 1, 1, length]);
      return attention(query, keys, values, mask);
    });
    return [grown, np.argmax(logits.reshape([rows, spec.vocab_size]), -1)];
  });
}

/** Greedy responses. All steps are sent one after the other; the tokens are read once, at the end. */
export async function generation(problem) {
  const { spec, rows, promptLength, length, prompts, cosine, sine } = problem;
  const heads = spec.num_attention_heads;
  const width = spec.hidden_size / heads;
  const params = nestedWeights(problem, floats);
  const column = (t) =>
    integers(
      Int32Array.from({ length: rows }, (_, b) => prompts[b * promptLength + t]),
      [rows],
    );
  const given = Array.from({ length: promptLength }, (_, t) => column(t));
  const places = Array.from({ length: length - 1 }, (_, t) => ({
    here: np.array(Array.from({ length }, (_, s) => s === t)),
    seen: np.array(Array.from({ length }, (_, s) => s <= t)),
    cosine: floats(cosine.slice((t * width) / 2, ((t + 1) * width) / 2), [1, 1, width / 2]),
    sine: floats(sine.slice((t * width) / 2, ((t + 1) * width) / 2), [1, 1, width / 2]),
  }));
  const step = decodeStep(problem);
  let tokens = new Int32Array(0);
  async function once() {
    const empty = () => np.zeros([rows, length, heads, width]);
    let caches = Array.from({ length: spec.num_hidden_layers }, () => ({
      keys: empty(),
      values: empty(),
    }));
    const all = given.map((ids) => ids.ref);
    for (const [t, place] of places.entries()) {
      let next;
      [caches, next] = step(tree.ref(params), caches, all[t].ref, tree.ref(place));
      if (t + 1 < promptLength) next.dispose();
      else all.push(next);
    }
    tree.dispose(caches);
    tokens = await np.stack(all, 1).data();
  }
  return {
    async run(times) {
      for (let n = 0; n < times; n++) await once();
    },
    outcome: () => tokens,
    destroy: () => tree.dispose([params, given, places]),
  };
}
