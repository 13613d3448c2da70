/** Names that people and papers use, and where those models are. */
const shortNames: Readonly<Record<string, string>> = {
  gpt2: 'openai-community/gpt2',
  'gpt2-small': 'openai-community/gpt2',
  'gpt2-medium': 'openai-community/gpt2-medium',
  'gpt2-large': 'openai-community/gpt2-large',
  'gpt2-xl': 'openai-community/gpt2-xl',
  distilgpt2: 'distilbert/distilgpt2',
  'gemma-2b': 'google/gemma-2b',
  'gemma-7b': 'google/gemma-7b',
  'gemma-2-2b': 'google/gemma-2-2b',
  'gemma-2-2b-it': 'google/gemma-2-2b-it',
  'gemma-2-9b': 'google/gemma-2-9b',
  'llama-3.2-1b': 'meta-llama/Llama-3.2-1B',
  'llama-3.2-3b': 'meta-llama/Llama-3.2-3B',
  'llama-3.1-8b': 'meta-llama/Llama-3.1-8B',
  'mistral-7b': 'mistralai/Mistral-7B-v0.1',
  'smollm2-135m': 'HuggingFaceTB/SmolLM2-135M',
  'smollm2-360m': 'HuggingFaceTB/SmolLM2-360M',
};

const families: readonly { readonly pattern: RegExp; readonly repository: (name: string) => string }[] = [
  { pattern: /^pythia-\d+(\.\d+)?[mb](-deduped)?$/, repository: (name) => `EleutherAI/${name}` },
  { pattern: /^qwen2\.5-\d+(\.\d+)?b$/, repository: (name) => `Qwen/Qwen2.5-${name.slice(8).toUpperCase()}` },
  { pattern: /^qwen3-\d+(\.\d+)?b$/, repository: (name) => `Qwen/Qwen3-${name.slice(6).toUpperCase()}` },
  { pattern: /^tinystories-\d+m$/, repository: (name) => `roneneldan/TinyStories-${name.slice(12).toUpperCase()}` },
];

/** The repository behind a short name; null when it is none. @example repositoryOfShortName('gpt2') // "openai-community/gpt2" */
export function repositoryOfShortName(name: string): string | null {
  const lower = name.toLowerCase();
  if (Object.hasOwn(shortNames, lower)) return shortNames[lower]!;
  return families.find(({ pattern }) => pattern.test(lower))?.repository(lower) ?? null;
}
