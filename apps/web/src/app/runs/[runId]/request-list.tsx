import type { ReactNode } from 'react';
import type { RunView } from '@monosema/api';
import { formatCount } from '@monosema/ui';
import { architectureNames, sparsityOf } from '../../../components/architectures.ts';

/** What was asked for, and what worked on it. */
export function RequestList({ run }: { run: RunView }) {
  const { request, result } = run;
  const sparsity = sparsityOf(request);
  const entries: (readonly [name: string, value: ReactNode])[] = [
    ['Model', request.modelId],
    ['Data set', request.dataSetId],
    ['Hook point', request.hookPoint],
    ['Architecture', architectureNames[request.architecture]],
    ['d_sae', formatCount(request.dSae)],
    ...(sparsity ? [[sparsity.name === 'k' ? 'k' : `${sparsity.name} coefficient`, sparsity.value] as const] : []),
    ...(request.widths ? [['Levels', request.widths.join(', ')] as const] : []),
    ['Learning rate', request.learningRate],
    ['Training tokens', formatCount(request.trainingTokens)],
    ['Batch', `${formatCount(request.batchTokens)} tokens`],
    ['Context size', request.contextSize],
    ['Seed', request.seed],
    ['Engine', result.engine ?? '–'],
    ['Live features', result.liveFeatures == null ? '–' : formatCount(result.liveFeatures)],
  ];
  return (
    <section aria-labelledby="configuration" className="card p-4">
      <h2 id="configuration" className="mb-2">
        Configuration
      </h2>
      <table className="data-table [&_tr:last-child_th]:border-b-0">
        <tbody>
          {entries.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="number font-mono break-all">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
