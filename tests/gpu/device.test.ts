import { expect, test } from 'vitest';
import { freshDevice, testDevice, uncapturedErrors } from '../setup/device';

test('the device computes: a shader doubles a buffer', async () => {
  const device = await testDevice();
  const values = new Float32Array([1, 2.5, -3, 1e20]);
  const data = device.createBuffer({
    size: values.byteLength,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(data, 0, values);
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: {
      module: device.createShaderModule({
        code: `@group(0) @binding(0) var<storage, read_write> data: array<f32>;
          @compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
            data[id.x] = 2.0 * data[id.x];
          }`,
      }),
    },
  });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer: data } }],
  });
  const readback = device.createBuffer({
    size: values.byteLength,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(data, 0, readback, 0, values.byteLength);
  device.queue.submit([encoder.finish()]);
  await readback.mapAsync(GPUMapMode.READ);
  expect([...new Float32Array(readback.getMappedRange())]).toEqual([...values.map((x) => 2 * x)]);
});

test("the device has WebGPU's default limits and nothing optional", async () => {
  const device = await testDevice();
  expect(device.limits.maxStorageBuffersPerShaderStage).toBe(8);
  expect(device.limits.maxStorageBufferBindingSize).toBe(128 * 2 ** 20);
  expect(device.limits.maxComputeWorkgroupStorageSize).toBe(16384);
  expect(device.limits.maxComputeInvocationsPerWorkgroup).toBe(256);
  expect(device.features.has('shader-f16')).toBe(false);
  expect(device.features.has('subgroups')).toBe(false);
});

test('a file shares one device; a fresh one is another', async () => {
  expect(await testDevice()).toBe(await testDevice());
  expect(await freshDevice()).not.toBe(await testDevice());
});

test('errors that no scope catches are noticed', async () => {
  const device = await testDevice();
  device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
  const errors = await uncapturedErrors();
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(/^GPUValidationError/);
});

test('scoped errors and devices that the test destroys are fine', async () => {
  const device = await freshDevice();
  device.pushErrorScope('validation');
  device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
  expect(await device.popErrorScope()).not.toBeNull();
  device.destroy();
  await device.lost;
  expect(await uncapturedErrors()).toEqual([]);
});
