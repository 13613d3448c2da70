import type { FixedShape } from '@monosema/engine';
import type { NamedArray } from '@monosema/formats';
import type { TransformerConfig } from '../transformer/config.ts';

/** Where a weight comes from: a tensor of the checkpoint, or a part of one. The steps are taken in the order given here. */
export interface WeightSource {
  /** Its name in the checkpoint. Several weights may come from one tensor. */
  readonly tensor: string;
  /** The shape that it must have there. */
  readonly shape: FixedShape;
  /** The tensor is seen as this shape of the same size, */
  readonly view?: FixedShape;
  /** only the entries with this index of this axis are taken, and the axis goes away, */
  readonly pick?: { readonly axis: number; readonly index: number };
  /** axis i of the result is axis permute[i], */
  readonly permute?: readonly number[];
  /** and this is added to every entry. */
  readonly plus?: number;
}

/** One family of transformers: how its config.json reads, and which tensors of a checkpoint its weights are. */
export interface Architecture {
  /** Names in config.json's `architectures`. */
  readonly names: readonly string[];
  /** @throws Error naming the field of config.json that is missing or asks for what is not supported */
  readConfig(json: unknown): TransformerConfig;
  /** For each weight of `weightShapes(config)`: where it comes from. What comes out must have as many entries. */
  weightSources(config: TransformerConfig): Record<string, WeightSource>;
  /** Tensors that checkpoints carry and the forward pass does not need; asked with the name that `tensorName` gives. */
  isSpareTensor(name: string, config: TransformerConfig): boolean;
  /** Looks at a spare tensor that could say that the model is another one after all. @throws Error when it does */
  checkSpareTensor?(name: string, tensor: NamedArray, config: TransformerConfig): void;
  /** The name that `weightSources` uses for a tensor of a checkpoint, where checkpoints differ in a prefix. */
  tensorName?(name: string): string;
}

/** A tensor [...] taken as it is. */
export const copied = (tensor: string, ...shape: number[]): WeightSource => ({ tensor, shape });

/** A matrix that the checkpoint keeps as [out, in], as torch's Linear does: becomes [in, out]. */
export const transposed = (tensor: string, outWidth: number, inWidth: number): WeightSource => ({
  tensor,
  shape: [outWidth, inWidth],
  permute: [1, 0],
});
