import { readFileSync } from 'node:fs';
import { openEngine, type Engine } from '@monosema/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inferenceSae } from '../architectures/inference-sae.ts';
import { decode } from '../decode.ts';
import { compileEncode } from '../encode.ts';
import { denseFromSparse, expectClose } from '../fixtures/compare.fixture.ts';
import { loadSae, saveSae, type Files } from './sae-files.ts';

// What scripts/record-saelens-checkpoints.py recorded: folders that the trainer of sae-lens wrote.

interface Recording {
  x: number[];
  checkpoints: {
    name: string;
    files: Record<string, string>;
    /** What sae-lens saves it as in the end, and what that makes of x. */
    finished: string;
    codes: number[];
    out: number[];
  }[];
  refused: { name: string; files: Record<string, string> }[];
}
const { x, checkpoints, refused } = JSON.parse(
  readFileSync(new URL('../fixtures/saelens-checkpoints.json', import.meta.url), 'utf8'),
) as Recording;
const filesOf = (files: Record<string, string>): Files =>
  Object.fromEntries(
    Object.entries(files).map(([name, base64]) => [name, new Uint8Array(Buffer.from(base64, 'base64'))]),
  );

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

test.each(checkpoints.map((checkpoint) => [checkpoint.name, checkpoint] as const))(
  'a checkpoint of sae-lens, finished here, is what sae-lens finishes it as: %s',
  async (_, { files, finished, codes, out }) => {
    const checkpoint = loadSae(filesOf(files));
    const sae = inferenceSae(checkpoint);
    expect(sae.config).toMatchObject({ architecture: finished, normalisation: 'none' });
    const encoder = await compileEncode(engine, sae);
    const given = await encoder.encode(Float32Array.from(x));
    await encoder.dispose();
    expectClose('codes', denseFromSparse(given, sae.config.dSae), codes, 1e-5);
    expectClose('out', decode(sae, given), out, 1e-5);
    expect(loadSae(saveSae(sae))).toMatchObject({ config: sae.config, parameters: sae.parameters });
  },
);

test.each(refused.map(({ name, files }) => [name, files] as const))(
  'what is not read here is refused by name: %s',
  (name, files) => {
    expect(() => loadSae(filesOf(files))).toThrow(
      name === 'covariance_whitening'
        ? 'normalize_activations: is none of none, expected_average_only_in'
        : `architecture: ${name} is none of standard, gated`,
    );
  },
);
