import { defineKernel } from '../kernel';
import clip from '../../shaders/lib/clip.wgsl?raw';
import exp from '../../shaders/lib/exp.wgsl?raw';
import runSettings from '../../shaders/lib/run_settings.wgsl?raw';
import threefry from '../../shaders/lib/threefry.wgsl?raw';
import wgsl from '../../shaders/token_selection.wgsl?raw';

/** One workgroup per run, whatever the minibatch: dispatch it for a single item. */
export const tokenSelection = defineKernel({
  name: 'token_selection',
  wgsl,
  lib: [exp, runSettings, clip, threefry],
  buffers: {
    settings: 'read',
    rows: 'read',
    record: 'read',
    selection: 'read_write',
  },
  params: ['rows', 'positions', 'first', 'length', 'rollout_rows', 'plane'] as const,
  // One workgroup sorts and sums; its pace is that of one core.
  flop: ({ rows, positions }) => 1000 * rows * positions,
});
