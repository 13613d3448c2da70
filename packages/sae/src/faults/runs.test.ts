import { trainingRequestSchema } from '@monosema/catalog';
import type { CompileOptions, Engine, Program, Traced } from '@monosema/engine';
import { compileForward, type Model } from '@monosema/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrainingCheckpoint } from '../training/checkpoint.ts';
import type { TrainingEvent } from '../training/options.ts';
import { trainSae } from '../training/train-sae.ts';
import { openStories } from '../stories.fixture.ts';

// Faults that other programs had (issues of SAELens unless another is named); faults.fixture.ts lists all of them.
// Here: runs as a whole.

const [contextSize, batchTokens, steps] = [32, 128, 6];
let engine: Engine;
let model: Model;
let contexts: Int32Array[];
beforeAll(async () => {
  ({ engine, model, contexts } = await openStories({ documents: 12, contextSize, count: 40 }));
});
afterAll(() => engine.close());

async function train(resume?: TrainingCheckpoint): Promise<TrainingEvent[]> {
  const request = trainingRequestSchema.parse({
    ...{ modelId: 'stories-260k', dataSetId: 'tinystories', sourceId: '2-res-x', contextSize },
    ...{ hookPoint: 'blocks.2.hook_resid_post', architecture: 'jumprelu', l0Coefficient: 0.01, dSae: 96 },
    ...{ learningRate: 1e-2, batchTokens, trainingTokens: batchTokens * steps },
  });
  const texts = { trainContexts: contexts.slice(0, 30), heldOutContexts: contexts.slice(30, 34) };
  const events: TrainingEvent[] = [];
  const more = { checkpointEverySteps: 3, ...(resume && { resume }) };
  for await (const event of trainSae({ request, model, engine, ...texts, ...more })) events.push(event);
  return events;
}
const only = <K extends TrainingEvent['kind']>(events: TrainingEvent[], kind: K) =>
  events.filter((event): event is Extract<TrainingEvent, { kind: K }> => event.kind === kind);

test('#682, #712: a resume argument was ignored; a run resumed at its end trains nothing, in the middle only the rest', async () => {
  const whole = await train();
  const [middle, end] = only(whole, 'checkpoint');
  expect([middle!.step, end!.step]).toEqual([3, steps]);
  const atEnd = await train(end!.files);
  expect(only(atEnd, 'metrics')).toEqual([]);
  expect(only(atEnd, 'done')[0]!.files).toEqual(only(whole, 'done')[0]!.files);
  const rest = await train(middle!.files);
  expect(only(rest, 'metrics').map(({ metrics }) => metrics.step)).toEqual([4, 5, 6]);
  expect(only(rest, 'done')[0]!.files).toEqual(only(whole, 'done')[0]!.files);
});

/** The weights that a forward pass to a hook point is given, by name. */
async function weightsFor(hookPoint: string): Promise<string[]> {
  const programs: Program[] = [];
  const watched: Engine = {
    ...engine,
    shareWeights: (arrays) => engine.shareWeights(arrays),
    compile: (program: Program, options?: CompileOptions) => (programs.push(program), engine.compile(program, options)),
  };
  const forward = await compileForward(watched, model, { length: 4, taps: [hookPoint] });
  const values = await forward.run(Int32Array.of(1, 300, 301, 302));
  expect(values[hookPoint]!.shape.slice(0, 2)).toEqual([1, 4]);
  await forward.dispose();
  const [program] = programs;
  const reached = new Set<Traced>();
  const visit = (value: Traced): void => {
    if (reached.has(value)) return;
    reached.add(value);
    value.inputs.forEach(visit);
  };
  Object.values(program!.outputs).forEach(visit);
  return Object.entries(program!.inputs).flatMap(([name, input]) => (reached.has(input) ? [name] : []));
}

test('#680: all layers ran for a hook point of an early one; only what it needs is computed', async () => {
  const early = await weightsFor('blocks.1.hook_resid_post');
  expect(early.some((name) => name.startsWith('blocks.1.'))).toBe(true);
  expect(early.filter((name) => /^blocks\.[2-9]\.|^unembed|^ln_final/.test(name))).toEqual([]);
  await expect(compileForward(engine, model, { length: 4, taps: ['blocks.1'] })).rejects.toThrow(
    'no hook point "blocks.1"',
  );
});
