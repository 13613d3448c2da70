import type { Traced, TracedRecord } from '@monosema/engine';

/** Replaces the value at a hook point; the result must have the value's shape. */
export type Edit = (value: Traced) => Traced;

/**
 * Taps and edits of a model's hook points, named as in TransformerLens. While a model is traced it passes the value of
 * each hook point through `at`; afterwards `taps` holds them all. A tap costs nothing until a program asks for it.
 *
 * @example
 * const hooks = new Hooks({ 'blocks.2.hook_resid_post': (x) => op.add(x, vector) });
 * const logits = model.trace(ids, hooks);
 * const residual = hooks.taps['blocks.1.hook_resid_post']; // [batch, length, d_model]
 */
export class Hooks {
  readonly #taps: TracedRecord = {};
  readonly #edits: Readonly<Record<string, Edit>>;

  /** @param edits by hook point; `Model.trace` refuses names that the model does not have */
  constructor(edits: Readonly<Record<string, Edit>> = {}) {
    this.#edits = edits;
  }

  /** Values by hook point after its edit, filled as the model is traced. */
  get taps(): Readonly<TracedRecord> {
    return this.#taps;
  }

  isEdited(...names: string[]): boolean {
    return names.some((name) => Object.hasOwn(this.#edits, name));
  }

  /** Hook points that have an edit. */
  get editNames(): string[] {
    return Object.keys(this.#edits);
  }

  /** Called by a model at each hook point: gives the value to go on with. */
  at(name: string, value: Traced): Traced {
    const edited = this.#edits[name]?.(value) ?? value;
    if (edited.shape.join() !== value.shape.join())
      throw new Error(`the edit at ${name} gives shape [${edited.shape.join(', ')}], not [${value.shape.join(', ')}]`);
    this.#taps[name] = edited;
    return edited;
  }

  /** For a value that the model's own way does without (a fused kernel hides it): traced only when somebody reads its tap. */
  aside(name: string, value: () => Traced): void {
    let made: Traced | undefined;
    Object.defineProperty(this.#taps, name, { enumerable: true, configurable: true, get: () => (made ??= value()) });
  }
}
