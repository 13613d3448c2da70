import type { ExampleGroup, FeatureExample, TokenValue } from '@monosema/catalog';
import type { ImportedExample } from '@monosema/exchange';

/** An imported example whose tokens are known by the number of their context. */
export interface PlacedExample {
  imported: Omit<ImportedExample, 'tokens'>;
  context: number;
}

/**
 * The examples of a feature as the catalog keeps them: highest maximum first, one that stands in several groups once, and
 * the groups in the order in which they came.
 *
 * @example const { examples, groups } = groupedExamples(placed);
 */
export function groupedExamples(placed: readonly PlacedExample[]): {
  examples: FeatureExample[];
  groups: ExampleGroup[];
} {
  const examples: { example: FeatureExample; key: string }[] = [];
  const byKey = new Map<string, number>();
  const groups = new Map<string, ExampleGroup>();
  for (const { imported, context } of placed) {
    const example = exampleOf(imported, context);
    const key = `${context} ${Buffer.from(imported.values.buffer, imported.values.byteOffset, imported.values.byteLength).toString('latin1')}`;
    const number = byKey.get(key) ?? examples.push({ example, key }) - 1;
    byKey.set(key, number);
    const group = groupOf(imported);
    if (!group) continue;
    const name = JSON.stringify([group.kind, group.minimum, group.maximum]);
    const known = groups.get(name) ?? group;
    groups.set(name, known);
    known.members.push({ example: number, position: qualifying(imported) });
  }
  const order = examples.map((_, i) => i).sort((a, b) => examples[b]!.example.maximum - examples[a]!.example.maximum);
  const places = new Map(order.map((number, place) => [number, place]));
  return {
    examples: order.map((number) => examples[number]!.example),
    groups: [...groups.values()].map((group) => ({
      ...group,
      members: group.members.map(({ example, position }) => ({ example: places.get(example)!, position })),
    })),
  };
}

function exampleOf(
  { values, position, attribution, lossEffects }: PlacedExample['imported'],
  context: number,
): FeatureExample {
  const positions: number[] = [];
  values.forEach((value, at) => void (value !== 0 && positions.push(at)));
  // Attributions to a text that was cut differently would stand at the wrong tokens.
  const target = attribution?.tokens === null ? attribution.target : null;
  return {
    ...{ context, position, maximum: values[position] ?? 0 },
    positions,
    values: positions.map((at) => values[at]!),
    ...(target !== null && target >= 0 && { attribution: { target, values: [...attribution!.values] } }),
    ...(lossEffects.length > 0 && { lossEffects: [...lossEffects] }),
  };
}

const qualifying = ({ qualifyingPosition, position }: PlacedExample['imported']): number =>
  qualifyingPosition !== null && qualifyingPosition >= 0 ? qualifyingPosition : position;

function groupOf({ group }: PlacedExample['imported']): ExampleGroup | null {
  if (!group) return null;
  if (group.kind === 'top') return { kind: 'top', minimum: null, maximum: group.maximum, share: null, members: [] };
  if (group.kind === 'prompt') return { kind: 'prompt', minimum: null, maximum: null, share: null, members: [] };
  const share = Number.isFinite(group.share) ? Math.min(1, Math.max(0, group.share)) : null;
  return { kind: 'interval', minimum: group.from, maximum: group.to, share, members: [] };
}

/** Tokens on which the examples fire most, by summed activation: all that an import says of a feature's tokens. */
export function topTokensOf(
  examples: readonly FeatureExample[],
  tokensOf: (context: number) => Int32Array,
  size = 10,
): TokenValue[] {
  const sums = new Map<number, number>();
  for (const { context, positions, values } of examples) {
    const tokens = tokensOf(context);
    positions.forEach((position, i) => {
      const token = tokens[position]!;
      if (values[i]! > 0) sums.set(token, (sums.get(token) ?? 0) + values[i]!);
    });
  }
  const all = [...sums].map(([token, value]) => ({ token, value }));
  return all.sort((a, b) => b.value - a.value || a.token - b.token).slice(0, size);
}
