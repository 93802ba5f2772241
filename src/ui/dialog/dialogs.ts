import { create } from 'zustand';

export type DialogName = 'palette' | 'help' | 'kernels' | 'runs' | 'policies' | 'fork' | 'compare';

/** The dialog that is open, at most one of these at a time. */
export const useDialogs = create<{ readonly open: DialogName | null }>(() => ({ open: null }));

export function openDialog(open: DialogName): void {
  useDialogs.setState({ open });
}

export function closeDialog(): void {
  useDialogs.setState({ open: null });
}
