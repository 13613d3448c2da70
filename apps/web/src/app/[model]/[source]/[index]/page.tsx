import type { Metadata } from 'next';
import type { FeatureView } from '@monosema/api';
import { featurePath, modelPath, sourcePath, type FeatureAddress } from '@monosema/catalog';
import { densityKind, formatCount, formatNumber, formatPercent, TokenHeatMap, visibleToken } from '@monosema/ui';
import { Breadcrumbs } from '../../../../components/breadcrumbs.tsx';
import { NumberTiles, type NumberTile } from '../../../../components/number-tiles.tsx';
import { Section } from '../../../../components/section.tsx';
import { currentUser } from '../../../../server/user.ts';
import { DeadNotice } from './dead-notice.tsx';
import { FeatureNavigation } from './feature-navigation.tsx';
import { LabelSection } from './label-section.tsx';
import { loadFeature } from './load-feature.ts';
import { NumbersSection } from './numbers-section.tsx';
import { SteeringSection } from './steering-section.tsx';

interface FeaturePageProps {
  params: Promise<{ model: string; source: string; index: string }>;
}

export async function generateMetadata({ params }: FeaturePageProps): Promise<Metadata> {
  const { model, source, index } = await params;
  const feature = await loadFeature(model, source, index);
  const label = feature.labels[0]?.text;
  const tokens = feature.topTokens.slice(0, 5).map(({ text }) => `“${visibleToken(text)}”`);
  const title = label ? `${label} · ${model}/${source}/${index}` : `Feature ${index} of ${model}/${source}`;
  const description =
    feature.firings === 0
      ? `A dead feature of ${model}, ${source}: it fires on no scanned token.`
      : `Fires on ${formatPercent(feature.density)} of tokens, most on ${tokens.join(', ')}. Top activations, logits and steering of a feature of ${model}, ${source}.`;
  return {
    title,
    description,
    openGraph: { title, description, type: 'website' },
    alternates: { canonical: featurePath({ modelId: model, sourceId: source, index: Number(index) }) },
  };
}

export default async function FeaturePage({ params }: FeaturePageProps) {
  const { model, source, index } = await params;
  const [feature, user] = await Promise.all([loadFeature(model, source, index), currentUser()]);
  const address: FeatureAddress = { modelId: model, sourceId: source, index: feature.index };
  const crumbs = [
    { name: model, href: modelPath(model) },
    { name: source, href: sourcePath(model, source) },
  ];
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <Breadcrumbs crumbs={crumbs} here={index} />
        <FeatureNavigation address={address} previous={feature.previous} next={feature.next} />
      </div>
      <FeatureHeading feature={feature} />
      {feature.firings === 0 && (
        <DeadNotice scanned={`${formatCount(feature.source.tokens)} tokens`} address={address} />
      )}
      <NumberTiles tiles={tilesOf(feature)} />
      <div className="mt-6 grid gap-x-8 gap-y-6 lg:grid-cols-[minmax(0,22rem)_minmax(0,1fr)] lg:grid-rows-[auto_1fr]">
        <LabelSection address={address} labels={feature.labels} user={user} />
        <div className="min-w-0 space-y-6 lg:col-start-2 lg:row-span-2 lg:row-start-1">
          {feature.examples.length > 0 && (
            <Section
              title="Top activations"
              note={`${feature.examples.length} contexts of ${feature.source.dataSetId}, strongest first`}
            >
              <div className="card px-3 py-2">
                <TokenHeatMap
                  label="Top activations"
                  examples={feature.examples}
                  maximum={feature.maximum}
                  specialTokens={feature.source.contract?.excludedTokens ?? []}
                />
              </div>
            </Section>
          )}
          <SteeringSection previews={feature.steering} />
        </div>
        <NumbersSection feature={feature} />
      </div>
    </>
  );
}

function FeatureHeading({ feature }: { feature: FeatureView }) {
  const label = feature.labels[0]?.text;
  return (
    <header className="mb-4">
      <h1 className="break-words">{label ?? `Feature ${formatCount(feature.index)}`}</h1>
      <p className="text-muted mt-0.5 text-sm">
        {label ? `Feature ${formatCount(feature.index)}` : 'No label yet'} · one of {formatCount(feature.source.dSae)}{' '}
        {feature.source.hookPoint && (
          <>
            latents at <code className="font-mono text-[0.8125rem]">{feature.source.hookPoint}</code>
          </>
        )}
      </p>
    </header>
  );
}

function Density({ density }: { density: number }) {
  const { kind, meaning } = densityKind(density);
  return (
    <>
      {formatPercent(density)}
      {kind !== 'usual' && (
        <span className="text-muted ml-1.5 text-sm font-normal" title={meaning}>
          {kind}
        </span>
      )}
    </>
  );
}

function tilesOf(feature: FeatureView): NumberTile[] {
  return [
    {
      name: 'Density',
      value: <Density density={feature.density} />,
      meaning: `Share of ${formatCount(feature.source.tokens)} scanned tokens on which it fires`,
    },
    { name: 'Firings', value: formatCount(feature.firings), meaning: 'Scanned tokens on which it fires' },
    { name: 'Maximum', value: formatNumber(feature.maximum), meaning: 'Its strongest activation' },
    { name: 'Mean', value: formatNumber(feature.mean), meaning: 'Mean activation where it fires' },
    { name: 'Score', value: formatNumber(feature.score), meaning: 'How specific it looks, 0 to 1' },
  ];
}
