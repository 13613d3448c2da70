import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { LoadNotes } from '../checkpoint/load-note.ts';
import { assembleSae } from './assemble-sae.ts';
import type { SaeFolder } from './folder.ts';
import { readJson } from './json-file.ts';
import type { SaeLayout } from './layout.ts';
import { SaeTensors } from './tensors.ts';
import { stateFileOf } from './state-dict.ts';

const settingsOf = (file: string): string => file.replace(/\.pt$/, '_cfg.json');
const sizes = ['act_size', 'dict_size'] as const;

/**
 * ckkissane/attn-saes-gpt2-small-all-layers (Kissane, Krzyzanowski et al. 2024): X.pt beside X_cfg.json, ReLU on hook_z.
 */
export const connorRob: SaeLayout = {
  name: 'connor-rob',
  files: 'X.pt and X_cfg.json',
  recognises(folder) {
    const file = stateFileOf(folder);
    return file !== null && file.endsWith('.pt') && folder.files.includes(settingsOf(file));
  },
  async read(folder, _, notes) {
    const file = stateFileOf(folder);
    if (file === null) throw new SaeFormatError(`${folder.name} has several torch files: name one of them`);
    const { dIn, dSae, says } = await readSettings(folder, settingsOf(file), notes);
    const tensors = await SaeTensors.open(folder, file, notes);
    try {
      tensors.check({ needed: ['W_enc', 'b_enc', 'W_dec', 'b_dec'] });
      const parameters = {
        W_enc: await tensors.read('W_enc', [dIn, dSae]),
        b_enc: await tensors.read('b_enc', [dSae]),
        W_dec: await tensors.read('W_dec', [dSae, dIn]),
        b_dec: await tensors.read('b_dec', [dIn]),
      };
      const dtype = tensors.precision(tensors.names);
      return assembleSae({ config: { architecture: 'standard', dIn, dSae, dtype }, says, parameters, file }, notes);
    } finally {
      await tensors.close();
    }
  },
};

async function readSettings(folder: SaeFolder, file: string, notes: LoadNotes) {
  const settings = await readJson(folder, file);
  const [dIn, dSae] = sizes.map((name) => {
    const size = settings[name];
    if (typeof size === 'number' && Number.isInteger(size) && size > 0) return size;
    throw new SaeFormatError(`${file}: ${name} is ${JSON.stringify(size)}, but must be a whole number`);
  }) as [number, number];
  const { act_name: hookPoint, model_name: model, seq_len: contextSize } = settings;
  if (typeof hookPoint !== 'string') throw new SaeFormatError(`${file}: act_name, the hook point, is missing`);
  const modelId = notes.orDefault('model_name', typeof model === 'string' ? model : undefined, 'gpt2-small');
  return {
    ...{ dIn, dSae },
    says: { modelId, hookPoint, contextSize: typeof contextSize === 'number' ? contextSize : null },
  };
}
