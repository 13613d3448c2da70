import type { LoadNotes } from '../checkpoint/load-note.ts';
import type { SaeFolder } from './folder.ts';
import { SaeTensors } from './tensors.ts';

/** Opens a file of tensors for as long as it is used. */
export async function withTensors<T>(
  folder: SaeFolder,
  file: string,
  notes: LoadNotes,
  use: (tensors: SaeTensors) => Promise<T>,
): Promise<T> {
  const tensors = await SaeTensors.open(folder, file, notes);
  try {
    return await use(tensors);
  } finally {
    await tensors.close();
  }
}
