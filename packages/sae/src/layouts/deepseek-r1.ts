import { linearSaeLayout } from './linear-sae.ts';

/** qresearch's SAE of the DeepSeek R1 distillation of Llama 8B. */
export const deepseekR1 = linearSaeLayout({
  ...{ name: 'deepseek-r1', encoder: 'encoder', decoder: 'decoder', owner: 'deepseek-ai' },
  says: { contextSize: 1024, prependBos: true, dataSetId: 'lmsys/lmsys-chat-1m' },
});
