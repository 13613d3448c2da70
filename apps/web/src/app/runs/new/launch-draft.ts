import {
  nestedWidths,
  trainingPreset,
  type DataSetRecord,
  type LaunchableArchitecture,
  type ModelRecord,
  type TrainingRequestInput,
} from '@monosema/catalog';
import { sourceIdOf } from './source-name.ts';

/** The form as typed: numbers are text until they are sent. */
export interface LaunchDraft {
  modelId: string;
  dataSetId: string;
  hookPoint: string;
  architecture: LaunchableArchitecture;
  dSae: string;
  k: string;
  l1Coefficient: string;
  l0Coefficient: string;
  trainingTokens: string;
  learningRate: string;
  setName: string;
}

/** Starting points for a small model on a laptop. */
export const presets = [
  { name: 'Quick look', note: 'a minute or two', values: { dSae: '512', trainingTokens: '500000' } },
  { name: 'Standard', note: 'the default', values: { dSae: '1024', trainingTokens: '3000000' } },
  { name: 'Wide', note: 'finer features, slower', values: { dSae: '4096', trainingTokens: '6000000' } },
] as const satisfies readonly { name: string; note: string; values: Partial<LaunchDraft> }[];

/** What goes well with an architecture; chosen with it, until a person changes it. */
export function architectureDefaults(
  architecture: LaunchableArchitecture,
): Pick<LaunchDraft, 'k' | 'l1Coefficient' | 'l0Coefficient' | 'learningRate' | 'setName'> {
  const { k, l1Coefficient, l0Coefficient, learningRate, setName } = trainingPreset(architecture);
  const text = (value: number | undefined): string => (value === undefined ? '' : String(value));
  return {
    ...{ k: text(k), l1Coefficient: text(l1Coefficient), l0Coefficient: text(l0Coefficient) },
    ...{ learningRate: text(learningRate), setName },
  };
}

/** The residual stream after the middle layer, where features are neither of tokens nor of the next word alone. */
export function defaultHookPoint(model: ModelRecord): string {
  const middle = `blocks.${Math.floor(((model.layers ?? 1) - 1) / 2)}.hook_resid_post`;
  return (model.hookPoints.find(({ name }) => name === middle) ?? model.hookPoints[0])?.name ?? '';
}

/** The form as it opens: the model asked for or the first, the first data set, a TopK SAE. */
export function draftFor(
  models: readonly ModelRecord[],
  dataSets: readonly DataSetRecord[],
  modelId?: string,
): LaunchDraft {
  const model = models.find(({ id }) => id === modelId) ?? models[0];
  return {
    modelId: model?.id ?? '',
    hookPoint: model ? defaultHookPoint(model) : '',
    dataSetId: dataSets[0]?.id ?? '',
    architecture: 'topk',
    ...presets[1].values,
    ...architectureDefaults('topk'),
  };
}

const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text.replaceAll(/[\s,_]/g, '')));

/** Long enough for most features, short enough to hold many contexts at once. */
const usualContextSize = 128;

/** The request that a draft asks for; what is no number becomes NaN, which the server names. */
export function requestOf(
  draft: LaunchDraft,
  model: Pick<ModelRecord, 'contextSize'> | undefined,
): TrainingRequestInput {
  return {
    contextSize: Math.min(usualContextSize, model?.contextSize ?? usualContextSize),
    modelId: draft.modelId,
    dataSetId: draft.dataSetId,
    hookPoint: draft.hookPoint,
    architecture: draft.architecture,
    sourceId: sourceIdOf(draft.hookPoint, draft.setName),
    dSae: numberOf(draft.dSae),
    ...sparsityOf(draft),
    trainingTokens: numberOf(draft.trainingTokens),
    learningRate: numberOf(draft.learningRate),
  };
}

/** The fields by which the draft's architecture is sparse: those that its preset has. */
function sparsityOf({ architecture, dSae, ...draft }: LaunchDraft): Partial<TrainingRequestInput> {
  const preset = trainingPreset(architecture);
  return {
    ...(preset.k !== undefined && { k: numberOf(draft.k) }),
    ...(preset.l1Coefficient !== undefined && { l1Coefficient: numberOf(draft.l1Coefficient) }),
    ...(preset.l0Coefficient !== undefined && { l0Coefficient: numberOf(draft.l0Coefficient) }),
    ...(preset.widths && { widths: nestedWidths(numberOf(dSae)) }),
  };
}
