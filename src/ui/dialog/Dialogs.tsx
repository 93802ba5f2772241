import { lazy, Suspense } from 'react';
import { closeDialog, useDialogs } from './dialogs';

/** Each is fetched when it is first opened. */
const Palette = lazy(() => import('../commands/Palette').then((m) => ({ default: m.Palette })));
const Help = lazy(() => import('../commands/Help').then((m) => ({ default: m.Help })));
const Kernels = lazy(() =>
  import('../kernels/KernelsDrawer').then((m) => ({ default: m.KernelsDrawer })),
);
const Runs = lazy(() => import('../library/RunsPanel').then((m) => ({ default: m.RunsPanel })));
const Fork = lazy(() => import('../library/ForkDialog').then((m) => ({ default: m.ForkDialog })));
const Compare = lazy(() =>
  import('../compare/CompareDialog').then((m) => ({ default: m.CompareDialog })),
);

export function Dialogs() {
  const open = useDialogs((state) => state.open);
  return (
    <Suspense>
      {open === 'palette' && <Palette onClose={closeDialog} />}
      {open === 'help' && <Help onClose={closeDialog} />}
      {open === 'kernels' && <Kernels onClose={closeDialog} />}
      {open === 'runs' && <Runs onClose={closeDialog} />}
      {open === 'fork' && <Fork onClose={closeDialog} />}
      {open === 'compare' && <Compare onClose={closeDialog} />}
    </Suspense>
  );
}
