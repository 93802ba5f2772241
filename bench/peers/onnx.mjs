/** Single operations in ONNX Runtime Web. In browsers only: Dawn in Node refuses its heap. */
import * as ort from 'onnxruntime-web/webgpu';
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import { model } from './onnx_model.mjs';

/** Must be awaited before anything else. */
export async function open() {
  ort.env.wasm.wasmPaths = { wasm };
  ort.env.wasm.numThreads = 1; // more need a page that is isolated, and the GPU does the work
  ort.env.logLevel = 'error';
}

/** A session of one node; its inputs and output stay on the GPU. */
async function repeated(node, inputs, size) {
  const session = await ort.InferenceSession.create(model(node, inputs), {
    executionProviders: ['webgpu'],
    preferredOutputLocation: 'gpu-buffer',
  });
  const device = await ort.env.webgpu.device;
  const feeds = Object.fromEntries(
    inputs.map(({ name, shape, data }) => [name, onGpu(device, data, shape)]),
  );
  const once = async () => (await session.run(feeds)).y;
  return {
    async run(times) {
      for (let n = 0; n < times; n++) (await once()).dispose();
      await device.queue.onSubmittedWorkDone();
    },
    async outcome() {
      const y = await once();
      const data = await y.getData(true);
      if (data.length !== size) throw new Error(`${node.type} gave ${data.length} numbers`);
      return data;
    },
    async destroy() {
      await session.release();
      for (const feed of Object.values(feeds)) feed.gpuBuffer.destroy();
    },
  };
}

function onGpu(device, data, dims) {
  const { STORAGE, COPY_SRC, COPY_DST } = globalThis.GPUBufferUsage;
  const buffer = device.createBuffer({
    size: data.byteLength,
    usage: STORAGE | COPY_SRC | COPY_DST,
  });
  device.queue.writeBuffer(buffer, 0, data);
  return ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims });
}

/** (n, n) times (n, n). */
export function product({ n, a, b }) {
  const shape = [n, n];
  const inputs = [
    { name: 'a', shape, data: a },
    { name: 'b', shape, data: b },
  ];
  return repeated({ type: 'MatMul', output: shape }, inputs, n * n);
}

/** Softmax of every row. */
export function softmax({ rows, columns, x }) {
  const shape = [rows, columns];
  const inputs = [{ name: 'x', shape, data: x }];
  return repeated({ type: 'Softmax', output: shape }, inputs, rows * columns);
}
