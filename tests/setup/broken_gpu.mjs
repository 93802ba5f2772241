/**
 * Loaded before the command line (`node --import`): Dawn with one fault, which RLVR_TEST_FAULT names. Everything else of
 * the command, and how it ends, is as users have it.
 */
import { globals } from 'webgpu';

const { GPUDevice, GPUQueue } = globals;

/** Replaces a method of all devices or queues. */
function replace(type, name, make) {
  const original = type.prototype[name];
  type.prototype[name] = make(original);
}

const faults = {
  /** A driver whose compiler refuses one kernel. */
  shader: () =>
    replace(
      GPUDevice,
      'createShaderModule',
      (create) =>
        function broken(descriptor) {
          const code = descriptor.code.replace('fn rmsnorm(', 'fn rmsnorm(missing: nothing, ');
          return create.call(this, { ...descriptor, code });
        },
    ),
  /** A device whose memory is full: the scope that watches for it has caught something. */
  memory: () => {
    const scopes = [];
    replace(
      GPUDevice,
      'pushErrorScope',
      (push) =>
        function watched(filter) {
          scopes.push(filter);
          return push.call(this, filter);
        },
    );
    replace(
      GPUDevice,
      'popErrorScope',
      (pop) =>
        async function full() {
          const filter = scopes.pop();
          const error = await pop.call(this);
          return filter === 'out-of-memory' ? { message: 'no memory left' } : error;
        },
    );
  },
  /** A device that goes while it trains, and the one that takes its place too. */
  lost: () => {
    let submits = 0;
    replace(
      GPUQueue,
      'submit',
      (submit) =>
        function counted(commands) {
          submit.call(this, commands);
          if (++submits % 12 === 0) for (const device of devices) device.destroy();
        },
    );
  },
  /** A mistake of ours: a buffer that no device accepts. */
  bug: () =>
    replace(
      GPUDevice,
      'createBuffer',
      (create) =>
        function wrong(descriptor) {
          return create.call(this, { ...descriptor, usage: 0xffff });
        },
    ),
};

const devices = new Set();
replace(
  GPUDevice,
  'createCommandEncoder',
  (create) =>
    function known(...args) {
      devices.add(this);
      return create.apply(this, args);
    },
);
faults[process.env.RLVR_TEST_FAULT]();
