import * as op from '@monosema/engine';
import { openEngine, type Engine, type Program } from '@monosema/engine';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { compileModel, loadModel, type Model } from './index.ts';

let engine: Engine;
let model: Model;
beforeAll(async () => {
  engine = await openEngine({ engine: 'onnx-cpu' });
  model = await loadModel('stories-260k');
});
afterAll(() => engine.close());

function program(length: number): Program {
  const ids = op.input('ids', [op.batch, length], 'int');
  return { inputs: { ids, ...model.parameters }, outputs: { logits: model.trace(ids) } };
}
const feeds = (...ids: number[]): op.Arrays => ({ ids: { data: Int32Array.from(ids), shape: [1, ids.length] } });

test('programs of a model share one copy of its weights, which goes with the last of them', async () => {
  const share = vi.spyOn(engine, 'shareWeights');
  const [two, three] = await Promise.all([2, 3].map((length) => compileModel(engine, model, program(length))));
  expect(share).toHaveBeenCalledTimes(1);
  const { logits } = await two!.run(feeds(1, 403));
  await Promise.all([two!.dispose(), two!.dispose()]);
  const longer = (await three!.run(feeds(1, 403, 407))).logits!.data;
  longer.subarray(0, logits!.data.length).forEach((x, i) => expect(x).toBeCloseTo(logits!.data[i]!, 4));
  await three!.dispose();

  const again = await compileModel(engine, model, program(2), { weightsAs: 'initialisers' });
  expect(share).toHaveBeenCalledTimes(2);
  expect((await again.run(feeds(1, 403))).logits!.data.length).toBe(logits!.data.length);
  await again.dispose();
});

test('a program that does not compile leaves nothing behind', async () => {
  const share = vi.spyOn(engine, 'shareWeights');
  share.mockClear();
  const wrong = { weights: { nobody: { data: new Float32Array(1), shape: [1] } } };
  await expect(compileModel(engine, model, program(2), wrong)).rejects.toThrow('nobody');
  const right = await compileModel(engine, model, program(2));
  expect(share).toHaveBeenCalledTimes(2);
  await right.dispose();
});
