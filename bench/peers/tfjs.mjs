/** The cases in TensorFlow.js on its WebGPU backend. */
import { inputsAndTargets, nestedWeights } from './weights.mjs';

let tf;

/** Must be awaited before anything else: the backend registers itself when it is loaded, if it sees WebGPU. */
export async function open() {
  const core = await import('@tensorflow/tfjs');
  await import('@tensorflow/tfjs-backend-webgpu');
  tf = core.default ?? core;
  await tf.setBackend('webgpu');
  await tf.ready();
  if (tf.getBackend() !== 'webgpu') throw new Error(`tfjs chose the backend ${tf.getBackend()}`);
}

/** Up to 15 dispatches wait in a pass before tfjs submits them by itself. */
async function finished() {
  const backend = tf.backend();
  if (backend.commandEncoder) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  await backend.queue.onSubmittedWorkDone();
}

function repeated(operation, inputs) {
  return {
    async run(times) {
      for (let n = 0; n < times; n++) operation(...inputs).dispose();
      await finished();
    },
    outcome: () => operation(...inputs).data(),
    destroy: () => tf.dispose(inputs),
  };
}

/** (n, n) times (n, n). */
export async function product({ n, a, b }) {
  return repeated((x, y) => tf.matMul(x, y), [tf.tensor2d(a, [n, n]), tf.tensor2d(b, [n, n])]);
}

/** Softmax of every row. */
export async function softmax({ rows, columns, x }) {
  return repeated((logits) => tf.softmax(logits), [tf.tensor2d(x, [rows, columns])]);
}

function rmsnorm(x, weight, eps) {
  const meanSquare = tf.mean(tf.square(x), -1, true);
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(meanSquare, eps))), weight);
}

/** Half-split rotation of x (rows, heads, positions, width) by angles (positions, width / 2). */
function rotate(x, cosine, sine) {
  const [a, b] = tf.split(x, 2, -1);
  const first = tf.sub(tf.mul(a, cosine), tf.mul(b, sine));
  return tf.concat([first, tf.add(tf.mul(b, cosine), tf.mul(a, sine))], -1);
}

/** Logits (rows x positions, vocabulary). */
function transformer({ spec, rows, positions }, params, inputs, { cosine, sine, mask }) {
  const { hidden_size: width, num_attention_heads: heads, rms_norm_eps: eps } = spec;
  const inHeads = (x) =>
    tf.transpose(tf.reshape(x, [rows, positions, heads, width / heads]), [0, 2, 1, 3]);
  let x = tf.gather(params.embedding, inputs);
  for (const w of params.layers) {
    const h = rmsnorm(x, w.inputNorm, eps);
    const q = rotate(inHeads(tf.matMul(h, w.q)), cosine, sine);
    const k = rotate(inHeads(tf.matMul(h, w.k)), cosine, sine);
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / heads));
    const attended = tf.matMul(tf.softmax(tf.add(scores, mask)), inHeads(tf.matMul(h, w.v)));
    const merged = tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [rows * positions, width]);
    x = tf.add(x, tf.matMul(merged, w.o));
    const m = rmsnorm(x, w.mlpNorm, eps);
    const gate = tf.matMul(m, w.gate);
    x = tf.add(x, tf.matMul(tf.mul(tf.mul(gate, tf.sigmoid(gate)), tf.matMul(m, w.up)), w.down));
  }
  return tf.matMul(rmsnorm(x, params.norm, eps), params.head);
}

/** -1e9 above the diagonal, 0 elsewhere. */
function causalMask(positions) {
  const mask = new Float32Array(positions * positions);
  for (let i = 0; i < positions; i++) mask.fill(-1e9, i * positions + i + 1, (i + 1) * positions);
  return tf.tensor2d(mask, [positions, positions]);
}

/** Steps on one batch, the loss read after each. */
export async function training(problem) {
  const { spec, positions, cosine, sine, adam } = problem;
  const { inputs, targets } = inputsAndTargets(problem);
  const half = spec.hidden_size / spec.num_attention_heads / 2;
  const tokens = tf.tensor1d(inputs, 'int32');
  const wanted = tf.oneHot(tf.tensor1d(targets, 'int32'), spec.vocab_size);
  const tables = {
    cosine: tf.tensor2d(cosine, [positions, half]),
    sine: tf.tensor2d(sine, [positions, half]),
    mask: causalMask(positions),
  };
  const params = nestedWeights(problem, (data, shape) => tf.variable(tf.tensor(data, shape)));
  const optimiser = tf.train.adam(adam.learningRate, adam.beta1, adam.beta2, adam.eps);
  const lossOf = () => {
    const logits = transformer(problem, params, tokens, tables);
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), wanted), -1)));
  };
  const losses = [];
  return {
    async run(times) {
      for (let n = 0; n < times; n++) {
        const loss = optimiser.minimize(lossOf, true);
        losses.push((await loss.data())[0]);
        loss.dispose();
      }
    },
    outcome: () => Float32Array.from(losses),
    destroy() {
      optimiser.dispose();
      tf.dispose([params, tables, tokens, wanted]);
    },
  };
}
