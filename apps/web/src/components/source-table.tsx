import Link from 'next/link';
import type { FeatureView } from '@monosema/api';
import { layerOf, sourcePath } from '@monosema/catalog';
import { formatCount, formatNumber, formatPercent } from '@monosema/ui';
import { architectureNames } from './architectures.ts';

type Source = FeatureView['source'];

interface SourceTableProps {
  sources: readonly Source[];
  /** Names the model in each row, for a table of several. */
  withModel?: boolean;
}

/** SAEs with what they are and how good they are. */
export function SourceTable({ sources, withModel = false }: SourceTableProps) {
  return (
    <div className="card overflow-x-auto">
      <table className="data-table">
        <thead>
          <tr>
            <th scope="col">Source</th>
            {!withModel && (
              <th scope="col" className="number">
                Layer
              </th>
            )}
            <th scope="col" className="hidden sm:table-cell">
              SAE
            </th>
            <th scope="col" className="number">
              Live
            </th>
            <th scope="col" className="number hidden sm:table-cell" title="Active latents per token">
              L0
            </th>
            <th scope="col" className="number" title="Part of the variance that the reconstruction explains">
              Expl. var.
            </th>
            <th
              scope="col"
              className="number hidden md:table-cell"
              title="1: the model predicts as well from reconstructions; 0: as badly as without"
            >
              CE score
            </th>
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <SourceRow key={`${source.modelId}/${source.id}`} source={source} withModel={withModel} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SourceRow({ source, withModel }: { source: Source; withModel: boolean }) {
  const { evaluation } = source;
  const figure = (value: number | null | undefined): string => (value == null ? '–' : formatNumber(value));
  return (
    <tr>
      <td>
        <Link href={sourcePath(source.modelId, source.id)} className="link font-mono whitespace-nowrap">
          {withModel && `${source.modelId}/`}
          {source.id}
        </Link>
      </td>
      {!withModel && <td className="number">{layerOf(source.id) ?? '–'}</td>}
      <td className="hidden whitespace-nowrap sm:table-cell">
        {source.architecture && `${architectureNames[source.architecture]}, `}
        {formatCount(source.dSae)}
      </td>
      <td
        className="number"
        title={`${formatCount(source.liveFeatureCount)} of ${formatCount(source.featureCount)} features fire`}
      >
        {source.featureCount > 0 ? formatPercent(source.liveFeatureCount / source.featureCount) : '–'}
      </td>
      <td className="number hidden sm:table-cell">{figure(evaluation?.l0)}</td>
      <td className="number">{figure(evaluation?.explainedVariance)}</td>
      <td className="number hidden md:table-cell">{figure(evaluation?.ceLossScore)}</td>
    </tr>
  );
}
