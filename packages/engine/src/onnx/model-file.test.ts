// What we write, read by somebody else's decoder.
import onnxProto from 'onnx-proto';
import { expect, test } from 'vitest';
import { batch, dimProduct } from '../dims.ts';
import { encodeModel, FLOAT } from './model-file.ts';

test('an independent reader of ONNX files finds what was written', () => {
  const bytes = encodeModel({
    nodes: [
      {
        opType: 'Softmax',
        domain: 'some.domain',
        inputs: ['x', '', 'w'],
        outputs: ['y'],
        attributes: { axis: -1, big: 2 ** 40, name: 'é', sizes: [3, -2, 300], scale: { float: 0.25 } },
      },
    ],
    initialisers: [
      { name: 'w', dims: [2, 1], dataType: FLOAT, content: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
      { name: 'far', dims: [70000], dataType: FLOAT, content: { location: 'far.bin', length: 280000 } },
    ],
    inputs: [{ name: 'x', dataType: FLOAT, shape: [dimProduct(batch, 4), 3] }],
    outputs: [{ name: 'y', dataType: FLOAT, shape: [] }],
  });
  expect(bytes.length).toBeLessThan(1000);
  const model = onnxProto.onnx.ModelProto.toObject(onnxProto.onnx.ModelProto.decode(bytes), { longs: Number });
  expect(model).toMatchObject({
    irVersion: 8,
    producerName: 'monosema',
    opsetImport: [
      { domain: '', version: 17 },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: {
      node: [
        {
          opType: 'Softmax',
          domain: 'some.domain',
          input: ['x', '', 'w'],
          output: ['y'],
          attribute: [
            { name: 'axis', type: 2, i: -1 },
            { name: 'big', type: 2, i: 2 ** 40 },
            { name: 'name', type: 3, s: new TextEncoder().encode('é') },
            { name: 'sizes', type: 7, ints: [3, -2, 300] },
            { name: 'scale', type: 1, f: 0.25 },
          ],
        },
      ],
      initializer: [
        { name: 'w', dims: [2, 1], dataType: FLOAT, rawData: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
        {
          name: 'far',
          dims: [70000],
          dataLocation: 1,
          externalData: [
            { key: 'location', value: 'far.bin' },
            { key: 'offset', value: '0' },
            { key: 'length', value: '280000' },
          ],
        },
      ],
      input: [
        {
          name: 'x',
          type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: '4*batch' }, { dimValue: 3 }] } } },
        },
      ],
      output: [{ name: 'y' }],
    },
  });
});
