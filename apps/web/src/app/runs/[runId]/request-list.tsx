import type { ReactNode } from 'react';
import type { RunView } from '@monosema/api';
import { formatCount } from '@monosema/ui';

/** What was asked for, and what worked on it. */
export function RequestList({ run }: { run: RunView }) {
  const { request, result } = run;
  const entries: [name: string, value: ReactNode][] = [
    ['Model', request.modelId],
    ['Data set', request.dataSetId],
    ['Hook point', request.hookPoint],
    ['Architecture', request.architecture === 'topk' ? 'TopK' : 'ReLU + L1'],
    ['d_sae', formatCount(request.dSae)],
    request.architecture === 'topk' ? ['k', request.k] : ['L1 coefficient', request.l1Coefficient],
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
