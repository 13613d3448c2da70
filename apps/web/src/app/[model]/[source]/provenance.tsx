import type { FeatureView } from '@monosema/api';
import type { SaeArchitecture, TrainingRequest } from '@monosema/catalog';
import { formatCount } from '@monosema/ui';
import Link from 'next/link';
import { FactList, type Fact } from '../../../components/fact-list.tsx';

type Source = FeatureView['source'];

const architectureNames: Record<SaeArchitecture, string> = {
  topk: 'TopK',
  standard: 'ReLU with an L1 penalty',
  gated: 'Gated',
  batchtopk: 'BatchTopK',
  matryoshka_batchtopk: 'Matryoshka BatchTopK',
  jumprelu: 'JumpReLU',
  transcoder: 'ReLU transcoder',
  skip_transcoder: 'ReLU transcoder with a skip connection',
  jumprelu_transcoder: 'JumpReLU transcoder',
  jumprelu_skip_transcoder: 'JumpReLU transcoder with a skip connection',
};

/** Where an SAE comes from, and what it expects of its input. */
export function Provenance({ source, request }: { source: Source; request: TrainingRequest | null }) {
  const { contract } = source;
  const facts: Fact[] = [
    { name: 'Architecture', value: source.architecture && architectureNames[source.architecture] },
    ...sparsityOf(request),
    { name: 'd_sae', value: `${formatCount(source.dSae)} latents`, meaning: 'Width of the dictionary' },
    {
      name: 'd_in',
      value: contract && formatCount(contract.dIn),
      meaning: 'Width of the activations it reads',
    },
    {
      name: 'Expansion',
      value: contract && `${(source.dSae / contract.dIn).toFixed(1).replace(/\.0$/, '')}×`,
      meaning: 'd_sae over d_in',
    },
    {
      name: 'Hook point',
      value: source.hookPoint && <code className="font-mono text-[0.8125rem]">{source.hookPoint}</code>,
      meaning: 'Where in the model it reads, by its TransformerLens name',
    },
    ...inputOf(contract),
    {
      name: 'Scanned',
      value: `${formatCount(source.tokens)} tokens of ${source.dataSetId}`,
      meaning: 'Text behind the dashboards',
    },
    {
      name: 'Trained on',
      value: request && `${formatCount(request.trainingTokens)} tokens of ${request.dataSetId}`,
    },
    {
      name: 'Training run',
      value: source.runId && (
        <Link href={`/runs/${source.runId}`} className="link">
          settings, losses, checkpoint
        </Link>
      ),
    },
    {
      name: 'Published',
      value: <time dateTime={source.publishedAt.toISOString()}>{source.publishedAt.toISOString().slice(0, 10)}</time>,
    },
  ];
  return <FactList facts={facts} />;
}

/** What the SAE expects of the text. */
function inputOf(contract: Source['contract']): Fact[] {
  if (!contract) return [];
  return [
    {
      name: 'Context',
      value: `${formatCount(contract.contextSize)} tokens`,
      meaning: 'Length of the texts it was trained on',
    },
    { name: 'BOS', value: contract.prependBos ? 'at the start of each context' : 'not added' },
    {
      name: 'Left out',
      value: contract.excludedTokens.length > 0 ? `token ${contract.excludedTokens.join(', ')}` : 'nothing',
      meaning: 'Tokens that are neither trained on nor counted',
    },
  ];
}

function sparsityOf(request: TrainingRequest | null): Fact[] {
  if (request?.k !== undefined)
    return [{ name: 'k', value: `${request.k} active per token`, meaning: 'Latents that stay active for each token' }];
  if (request?.l1Coefficient !== undefined)
    return [{ name: 'L1 weight', value: request.l1Coefficient, meaning: 'Weight of the L1 penalty' }];
  if (request?.l0Coefficient !== undefined)
    return [{ name: 'L0 weight', value: request.l0Coefficient, meaning: 'Weight of the penalty on active latents' }];
  return [];
}
