import { Tabs } from 'radix-ui';
import { useEffect } from 'react';
import { askKernels, useGpuChecks } from '../../store/gpu_checks';
import { useRun } from '../../store/run';
import { Sheet } from '../dialog/Sheet';
import { bytesOf, bytesText, dispatchesOf } from './costs';
import { Layouts } from './Layouts';
import { Memory } from './Memory';
import { Shaders } from './Shaders';
import { Verify } from './Verify';

const TABS = [
  { id: 'shaders', label: 'Shaders', panel: <Shaders /> },
  { id: 'memory', label: 'Memory', panel: <Memory /> },
  { id: 'layouts', label: 'Layout', panel: <Layouts /> },
  { id: 'verify', label: 'Verify on this GPU', panel: <Verify /> },
] as const;

/** The program that trains: its shaders, what a step asks of the GPU, and whether this GPU computes them right. */
export function KernelsDrawer({ onClose }: { onClose: () => void }) {
  const prepared = useRun(({ status, recorded }) => recorded === null && status !== 'preparing');
  useEffect(() => {
    if (prepared) askKernels();
  }, [prepared]);
  return (
    <Sheet title="Kernels" about={<Totals />} onClose={onClose} className="kernels">
      <Tabs.Root defaultValue="shaders" className="tabs">
        <Tabs.List className="tab-list" aria-label="Kernels">
          {TABS.map(({ id, label }) => (
            <Tabs.Trigger key={id} value={id} className="tab">
              {label}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {TABS.map(({ id, panel }) => (
          <Tabs.Content key={id} value={id} className="tab-panel" tabIndex={-1}>
            {panel}
          </Tabs.Content>
        ))}
      </Tabs.Root>
    </Sheet>
  );
}

function Totals() {
  const shapes = useGpuChecks((state) => state.shapes);
  if (shapes.length === 0)
    return <>Every computation of the training is one of these hand-written WebGPU programs.</>;
  const runs = shapes.reduce((sum, shape) => sum + shape.runs, 0);
  return (
    <>
      One step of {runs === 1 ? 'the arm' : `these ${runs} runs`} takes{' '}
      {dispatchesOf(shapes).toLocaleString('en-US')} dispatches and holds{' '}
      {bytesText(bytesOf(shapes))} of GPU memory.
    </>
  );
}
