import type { Metadata } from 'next';
import Link from 'next/link';
import { sourcePath } from '@monosema/catalog';
import { formatNumber } from '@monosema/ui';
import type { RunView } from '@monosema/api';
import { architectureNames, sparsityOf } from '../../components/architectures.ts';
import { serverCaller } from '../../server/caller.ts';
import { StatusBadge } from './status-badge.tsx';
import { Timestamp } from './timestamp.tsx';

export const metadata: Metadata = { title: 'Runs' };

export default async function RunsPage() {
  const runs = await (await serverCaller()).run.list({ limit: 100 });
  return (
    <div className="space-y-6">
      <header className="flex flex-wrap items-center justify-between gap-4">
        <div>
          <h1>Runs</h1>
          <p className="text-muted">
            Each run trains an SAE, makes its dashboards, indexes them and previews steering.
          </p>
        </div>
        <Link className="button button-primary" href="/runs/new">
          New run
        </Link>
      </header>
      {runs.length > 0 ? <RunTable runs={runs} /> : <p className="card p-6 text-muted">No run yet.</p>}
    </div>
  );
}

function RunTable({ runs }: { runs: RunView[] }) {
  return (
    <div className="card overflow-x-auto">
      <table className="data-table">
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col">Status</th>
            <th scope="col">SAE</th>
            <th scope="col" className="number">
              L0
            </th>
            <th scope="col" className="number">
              Explained variance
            </th>
            <th scope="col">Started</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RunRow({ run }: { run: RunView }) {
  const { request, result } = run;
  const sparsity = sparsityOf(request);
  return (
    <tr>
      <td>
        <Link className="link" href={`/runs/${run.id}`}>
          {request.modelId}/{request.sourceId}
        </Link>
        {run.status === 'succeeded' && (
          <Link className="link ml-3 text-sm" href={sourcePath(request.modelId, request.sourceId)}>
            features
          </Link>
        )}
      </td>
      <td>
        <StatusBadge status={run.status} />
      </td>
      <td>
        {architectureNames[request.architecture]}
        {sparsity && `, ${sparsity.name} ${sparsity.value}`} of {request.dSae.toLocaleString('en')}
      </td>
      <td className="number">{result.evaluation ? formatNumber(result.evaluation.l0) : '–'}</td>
      <td className="number">{result.evaluation ? formatNumber(result.evaluation.explainedVariance) : '–'}</td>
      <td>
        <Timestamp at={run.createdAt} />
      </td>
    </tr>
  );
}
