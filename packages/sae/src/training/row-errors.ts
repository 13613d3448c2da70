import * as op from '@monosema/engine';
import type { Arrays, Engine } from '@monosema/engine';
import { reconstructTraced } from '../architectures/reconstruct.ts';
import { outputWidth } from '../config/sae-config.ts';
import { inputsOf, parameterArrays, parameterInputs } from '../parameter-inputs.ts';
import type { Sae } from '../sae.ts';

/** Dense codes of at most this many numbers are held at once. */
const CHUNK = 1 << 23;

/** |target - x_hat|² of every row: x [rows, d_in]; target [rows, d_out], x itself unless it is a transcoder. */
export async function rowErrors(engine: Engine, sae: Sae, x: Float32Array, target = x): Promise<Float32Array> {
  const { config } = sae;
  const width = outputWidth(config);
  const parameters = parameterInputs(config);
  const given = op.input('x', [op.batch, config.dIn]);
  const wanted = target === x ? given : op.input('target', [op.batch, width]);
  const errors = op.sum(op.square(op.sub(wanted, reconstructTraced(config, parameters, given))), [1]);
  const inputs = { x: given, ...(wanted !== given && { target: wanted }), ...inputsOf(parameters) };
  const executable = await engine.compile({ inputs, outputs: { errors } }, { weights: parameterArrays(sae) });
  try {
    const rows = x.length / config.dIn;
    const out = new Float32Array(rows);
    const perRun = Math.max(1, Math.floor(CHUNK / config.dSae));
    for (let start = 0; start < rows; start += perRun) {
      const count = Math.min(perRun, rows - start);
      const slice = (from: Float32Array, columns: number) => ({
        data: from.slice(start * columns, (start + count) * columns),
        shape: [count, columns],
      });
      const feeds: Arrays = { x: slice(x, config.dIn), ...(target !== x && { target: slice(target, width) }) };
      out.set((await executable.run(feeds))['errors']!.data, start);
    }
    return out;
  } finally {
    await executable.dispose();
  }
}
