/** What of the GPU's memory is held: buffers that were made and not destroyed, on any device of this process. */
export interface Held {
  readonly buffers: number;
  readonly bytes: number;
}

/** Counts buffers from now on: methods are wrapped where they are defined. Call `stop` at the end. */
export function watchBuffers(): { readonly held: () => Held; readonly stop: () => void } {
  const sizes = new Map<GPUBuffer, number>();
  const create = Reflect.get(GPUDevice.prototype, 'createBuffer');
  const destroy = Reflect.get(GPUBuffer.prototype, 'destroy');
  GPUDevice.prototype.createBuffer = function counted(descriptor) {
    const buffer = create.call(this, descriptor);
    sizes.set(buffer, buffer.size);
    return buffer;
  };
  GPUBuffer.prototype.destroy = function counted() {
    sizes.delete(this);
    return destroy.call(this);
  };
  return {
    held: () => ({
      buffers: sizes.size,
      bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    }),
    stop: () => {
      GPUDevice.prototype.createBuffer = create;
      GPUBuffer.prototype.destroy = destroy;
    },
  };
}
