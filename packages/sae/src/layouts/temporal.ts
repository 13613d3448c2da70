import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { SaeLayout } from './layout.ts';

const files = ['conf.yaml', 'latest_ckpt.safetensors'];

/** Temporal SAEs (canrager/temporalSAEs) are known, and refused by name. */
export const temporal: SaeLayout = {
  name: 'temporal',
  files: `${files.join(' and ')}; not read`,
  recognises: (folder) => files.every((file) => folder.files.includes(file)),
  read: ({ name }) =>
    Promise.reject(
      new SaeFormatError(
        `${name} is a temporal SAE: it attends to the tokens before, which no architecture here does, so it is not read`,
      ),
    ),
};
