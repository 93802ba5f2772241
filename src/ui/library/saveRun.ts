import { exportKept } from '../../store/transfer';
import { saveFile } from '../saveFile';

/** Saves a run as a file; where it could not be read the library says so. */
export async function saveRun(id: string): Promise<void> {
  const file = await exportKept(id);
  if (file !== null) saveFile(file.name, new Blob([file.bytes]));
}
