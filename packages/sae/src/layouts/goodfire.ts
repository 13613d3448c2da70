import { linearSaeLayout } from './linear-sae.ts';

/** Goodfire's SAEs of Llama 3.1 8B and 3.3 70B Instruct. */
export const goodfire = linearSaeLayout({
  ...{ name: 'goodfire', encoder: 'encoder_linear', decoder: 'decoder_linear', owner: 'meta-llama' },
  says: { dataSetId: 'lmsys/lmsys-chat-1m' },
});
