/** What a library asks of WebGPU. */
export interface Counts {
  readonly dispatches: number;
  readonly passes: number;
  readonly submits: number;
  readonly buffers: number;
  readonly bindGroups: number;
  readonly writes: number;
  readonly readbacks: number;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Counts calls of all devices of this process while `work` runs: methods are wrapped where they are defined. */
export async function countWhile(work: () => Promise<void>): Promise<Counts> {
  const counts = {
    ...{ dispatches: 0, passes: 0, submits: 0 },
    ...{ buffers: 0, bindGroups: 0, writes: 0, readbacks: 0 },
  };
  const watch = (type: { prototype: object }, method: string, key: keyof Counts) =>
    wrap(type.prototype, method, () => counts[key]++);
  const undo = [
    watch(GPUComputePassEncoder, 'dispatchWorkgroups', 'dispatches'),
    watch(GPUComputePassEncoder, 'dispatchWorkgroupsIndirect', 'dispatches'),
    watch(GPUCommandEncoder, 'beginComputePass', 'passes'),
    watch(GPUQueue, 'submit', 'submits'),
    watch(GPUQueue, 'writeBuffer', 'writes'),
    watch(GPUDevice, 'createBuffer', 'buffers'),
    watch(GPUDevice, 'createBindGroup', 'bindGroups'),
    watch(GPUBuffer, 'mapAsync', 'readbacks'),
  ];
  try {
    await work();
  } finally {
    for (const restore of undo) restore();
  }
  return counts;
}

function wrap(prototype: object, method: string, count: () => void): () => void {
  const original = Reflect.get(prototype, method) as Method;
  Reflect.set(prototype, method, function counted(this: unknown, ...args: unknown[]) {
    count();
    return original.apply(this, args);
  });
  return () => Reflect.set(prototype, method, original);
}
