import type { HookPoint, VectorHookPoint } from './transformer/hook-points.ts';

/** What is needed of a model to look up its hook points. */
export interface Hooked {
  readonly id: string;
  readonly hookPoints: readonly HookPoint[];
}

/** A hook point that the model does not have. The message says what is allowed. */
export class UnknownHookPointError extends Error {
  override readonly name = 'UnknownHookPointError';
}

/**
 * A model's hook point that holds a vector per token, by its TransformerLens name.
 *
 * @throws UnknownHookPointError: the layers that there are when the layer is out of range, else the nearest names; also for
 *   attention scores and patterns, which `anyHookPointNamed` finds
 * @example hookPointNamed(model, 'blocks.2.hook_resid_post') // { name: "blocks.2.hook_resid_post", layer: 2, width: 64 }
 */
export function hookPointNamed(model: Hooked, name: string): VectorHookPoint {
  const { layer, width } = anyHookPointNamed(model, name);
  if (width === null)
    throw new UnknownHookPointError(
      `hook point "${name}" of ${model.id} holds a number per pair of tokens, no vectors`,
    );
  return { name, layer, width };
}

/** As `hookPointNamed`, attention scores and patterns too. */
export function anyHookPointNamed({ id, hookPoints }: Hooked, name: string): HookPoint {
  const found = hookPoints.find((point) => point.name === name);
  if (found) return found;
  const layers = 1 + Math.max(-1, ...hookPoints.map(({ layer }) => layer ?? -1));
  const [, layer, rest] = /^blocks\.(\d+)\.(.+)$/.exec(name) ?? [];
  if (layer !== undefined && Number(layer) >= layers && hookPoints.some((point) => point.name === `blocks.0.${rest}`))
    throw new UnknownHookPointError(
      `hook point "${name}": layer ${layer} is out of range, ${id} has layers 0 to ${layers - 1}`,
    );
  const nearest = [...hookPoints].map((point) => ({ name: point.name, distance: editDistance(point.name, name) }));
  nearest.sort((a, b) => a.distance - b.distance);
  const suggestions = nearest.slice(0, 3).map((point) => point.name);
  throw new UnknownHookPointError(`${id} has no hook point "${name}"; nearest are ${suggestions.join(', ')}`);
}

/** Refuses edits that would silently do nothing. */
export function checkEdits(model: Hooked, names: readonly string[]): void {
  for (const name of names) anyHookPointNamed(model, name);
}

/** Levenshtein's: insertions, deletions and replacements that turn one text into the other. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1);
    }
    previous = current;
  }
  return previous[b.length]!;
}
