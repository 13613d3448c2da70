import { outputWidth, type SaeConfig } from '@monosema/sae';

/** What an SAE is, as labels and values. */
export function configRows(config: SaeConfig): [label: string, value: string][] {
  const { contract } = config;
  const isTranscoder = 'dOut' in config;
  const rows: [string, string | null][] = [
    ['architecture', `${config.architecture}${'k' in config ? `, k ${config.k}` : ''}`],
    ['model', contract.modelId],
    ['reads', contract.hookPoint],
    ['predicts', isTranscoder ? (config.hookPointOut ?? 'unknown') : null],
    ['widths', `d_in ${config.dIn}, d_sae ${config.dSae}${isTranscoder ? `, d_out ${outputWidth(config)}` : ''}`],
    ['levels', 'widths' in config ? config.widths.join(', ') : null],
    ['input', inputText(config)],
    ['contexts', `${contract.contextSize} tokens, ${contract.prependBos ? 'with' : 'without'} BOS`],
    ['not counted', contract.excludedTokens.length > 0 ? `tokens ${contract.excludedTokens.join(', ')}` : 'no token'],
    ['trained on', trainedOn(config)],
    ['trained as', trainedAs(config)],
    ['precision', config.dtype],
  ];
  return rows.flatMap(([label, value]) => (value === null ? [] : [[label, value]]));
}

function inputText(config: SaeConfig): string {
  const parts = [
    config.centred ? 'minus its mean' : null,
    config.normalisation === 'none' ? null : config.normalisation,
    config.subtractDecoderBias ? 'minus b_dec' : null,
    config.reshape === 'hook_z' ? 'heads one after the other' : null,
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(', ') : 'as it is';
}

/** SAELens's metadata, which training writes here too. */
function trainedOn({ dataSetId, metadata }: SaeConfig): string {
  const tokens = metadata['training_tokens'];
  const text = dataSetId ?? 'unknown';
  return typeof tokens === 'number' ? `${text}, ${tokens.toLocaleString('en')} tokens` : text;
}

/** A BatchTopK SAE is used with its threshold, as a JumpReLU one. */
function trainedAs({ architecture, metadata }: SaeConfig): string | null {
  const trained = metadata['training_architecture'];
  return typeof trained === 'string' && trained !== architecture ? trained : null;
}
