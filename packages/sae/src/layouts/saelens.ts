import { openSafetensors, type NamedArrays } from '@monosema/formats';
import type { LoadNotes } from '../checkpoint/load-note.ts';
import { assembleSaelens, configFile, scalerFile, weightsFile } from '../checkpoint/sae-files.ts';
import type { Sae } from '../sae.ts';
import type { SaeFolder } from './folder.ts';
import type { SaeLayout } from './layout.ts';

/** SAELens, 6 and older: the layout that is written here too. */
export const saelens: SaeLayout = {
  name: 'saelens',
  files: `${configFile} and ${weightsFile}`,
  recognises: ({ files, file }) => files.includes(configFile) && files.includes(weightsFile) && isOfIt(file),
  async read(folder: SaeFolder, _, notes: LoadNotes): Promise<Sae> {
    const text = new TextDecoder().decode(await folder.read(configFile));
    const scaler = folder.files.includes(scalerFile) ? await folder.read(scalerFile) : undefined;
    const source = await folder.open(weightsFile);
    try {
      const file = await openSafetensors(source);
      const tensors: NamedArrays = {};
      for (const name of file.tensors.keys()) tensors[name] = await file.read(name);
      return assembleSaelens({ text, header: file, tensors, scaler }, notes).sae;
    } finally {
      await source.close();
    }
  },
};

const isOfIt = (file: string | null): boolean => file === null || file === weightsFile || file === configFile;
