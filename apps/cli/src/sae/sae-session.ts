import { repositoryOfShortName } from '@monosema/hub';
import { hookPointNamed, type Model } from '@monosema/model';
import { outputWidth, type Sae } from '@monosema/sae';
import type { OpenedSae } from '@monosema/sae/pretrained';
import { forOption, UsageError } from '../exit.ts';
import type { ModelOptions } from '../model-options.ts';
import { withSession, type Session } from '../session.ts';
import { openReference } from './open-reference.ts';
import type { SaeOptions } from './sae-options.ts';

export interface SaeSession extends Session {
  /** Of this model, by the model's name here. */
  sae: Sae;
  opened: OpenedSae;
}

export interface SaeSessionOptions extends ModelOptions, SaeOptions {
  /** The person says that the SAE's model and --model are one under two names. */
  sameModel?: boolean;
}

/**
 * Opens an SAE, the model that it is of (--model, or the one that it names) and an engine, and runs `work`.
 *
 * @param option what errors name: the argument or option that holds the reference
 */
export async function withSaeSession<T>(
  option: string,
  reference: string,
  options: SaeSessionOptions,
  work: (session: SaeSession) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const opened = await openReference(option, reference, options, signal);
  const own = opened.sae.config.contract.modelId;
  const model = options.model ?? (own === 'unknown' ? undefined : own);
  if (model === undefined) throw new UsageError('--model', `${reference} does not say which model it is of: name it`);
  return withSession(
    { ...options, model },
    async (session) => {
      const sae = await saeOfModel(option, opened.sae, session.model, options);
      return work({ ...session, sae, opened });
    },
    signal,
  );
}

/** The SAE under the name that its model has here. @throws UsageError when it is of another model, hook point or width */
async function saeOfModel(
  option: string,
  sae: Sae,
  model: Model,
  { model: named, sameModel }: SaeSessionOptions,
): Promise<Sae> {
  const { contract } = sae.config;
  const isSame =
    contract.modelId === model.id ||
    contract.modelId === 'unknown' ||
    named === undefined ||
    sameModel === true ||
    repositoryOfShortName(contract.modelId) === (repositoryOfShortName(named) ?? named.replace(/@.*$/, ''));
  if (!isSame)
    throw new UsageError(
      option,
      `this SAE is of ${contract.modelId}, not of ${model.id}; if they are one, say so with --same-model`,
    );
  const config = { ...sae.config, contract: { ...contract, modelId: model.id } };
  if (contract.hookPoint === 'unknown')
    throw new UsageError('--hook', 'is needed: the files do not say where the SAE reads');
  const checkWidth = async (hookPoint: string, width: number): Promise<void> => {
    const found = await forOption(option, () => hookPointNamed(model, hookPoint));
    if (found.width !== width)
      throw new UsageError(option, `this SAE has width ${width} at ${hookPoint}, where ${model.id} has ${found.width}`);
  };
  await checkWidth(contract.hookPoint, config.dIn);
  if ('dOut' in config && config.hookPointOut !== null) await checkWidth(config.hookPointOut, outputWidth(config));
  return { ...sae, config };
}

/** Tokens that don't count: those that the SAE's files name, or all special ones of the model where they name none. */
export function uncountedTokens({ config }: Sae, { tokenizer: { bos, specialTokens } }: Model): number[] {
  const { excludedTokens } = config.contract;
  if (excludedTokens.length > 0) return excludedTokens;
  return [...new Set([...specialTokens, ...(bos === null ? [] : [bos])])].sort((a, b) => a - b);
}
