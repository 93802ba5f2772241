import { useEffect, useState } from 'react';
import { importPolicy } from '../../store/policies';
import { importFile } from '../../store/transfer';
import { openDialog } from '../dialog/dialogs';
import { policyIn } from '../policies/dropped';

/** Takes files that are dropped anywhere on the page, or pasted. Returns whether one is being dragged over it. */
export function useFileDrop(): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const take = (data: DataTransfer | null) => {
      const policy = data === null ? null : policyIn(data);
      if (policy !== null) {
        openDialog('policies');
        void policy.then(importPolicy);
        return true;
      }
      const file = data?.files[0];
      if (file === undefined) return false;
      openDialog('runs');
      void importFile(file);
      return true;
    };
    const drag = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      // Only then does the browser hand the file to the page instead of opening it.
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      setOver(false);
      if (!holdsFiles(event)) return;
      event.preventDefault();
      take(event.dataTransfer);
    };
    const paste = (event: ClipboardEvent) => {
      if (take(event.clipboardData)) event.preventDefault();
    };
    addEventListener('dragover', drag);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    addEventListener('paste', paste);
    return () => {
      removeEventListener('dragover', drag);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
      removeEventListener('paste', paste);
    };
  }, []);
  return over;
}
