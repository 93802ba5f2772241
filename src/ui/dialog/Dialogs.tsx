import type { ComponentType } from 'react';
import { part } from '../part';
import { closeDialog, useDialogs } from './dialogs';

interface DialogProps {
  readonly onClose: () => void;
}

/** Each is fetched when it is first opened. */
const dialog = (name: string, load: () => Promise<ComponentType<DialogProps>>) =>
  part(name, load, { close: ({ onClose }) => onClose });

const Palette = dialog('The list of commands', () =>
  import('../commands/Palette').then((module) => module.Palette),
);
const Help = dialog('The help', () => import('../commands/Help').then((module) => module.Help));
const Kernels = dialog('The kernels', () =>
  import('../kernels/KernelsDrawer').then((module) => module.KernelsDrawer),
);
const Runs = dialog('The library', () =>
  import('../library/RunsPanel').then((module) => module.RunsPanel),
);
const Policies = dialog('The list of policies', () =>
  import('../policies/PoliciesPanel').then((module) => module.PoliciesPanel),
);
const Fork = dialog('Forking', () =>
  import('../library/ForkDialog').then((module) => module.ForkDialog),
);
const Compare = dialog('The comparison', () =>
  import('../compare/CompareDialog').then((module) => module.CompareDialog),
);

export function Dialogs() {
  const open = useDialogs((state) => state.open);
  return (
    <>
      {open === 'palette' && <Palette onClose={closeDialog} />}
      {open === 'help' && <Help onClose={closeDialog} />}
      {open === 'kernels' && <Kernels onClose={closeDialog} />}
      {open === 'runs' && <Runs onClose={closeDialog} />}
      {open === 'policies' && <Policies onClose={closeDialog} />}
      {open === 'fork' && <Fork onClose={closeDialog} />}
      {open === 'compare' && <Compare onClose={closeDialog} />}
    </>
  );
}
