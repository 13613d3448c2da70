import type { FeatureView } from '@monosema/api';
import { Histogram, LogitTable } from '@monosema/ui';
import { Section } from '../../../../components/section.tsx';

/** What is known of the feature in numbers: how strongly it fires, on which tokens, and what it makes likely. */
export function NumbersSection({ feature }: { feature: FeatureView }) {
  const { histogram, topLogits, bottomLogits, topTokens } = feature;
  const logitScale = Math.max(0, ...[...topLogits, ...bottomLogits].map(({ value }) => Math.abs(value)));
  return (
    <div className="space-y-6">
      {feature.firings > 0 && (
        <Section title="Activations">
          <div className="card p-3 pb-1">
            <Histogram
              title="Activations"
              counts={histogram.counts}
              from={histogram.minimum}
              to={histogram.maximum}
              counted="tokens"
              xLabel="activation"
            />
          </div>
        </Section>
      )}
      <Section title="Logits" note="that its direction moves">
        <div className="card grid grid-cols-2 gap-4 p-3">
          <LogitTable title="Raises" tone="positive" rows={topLogits} scale={logitScale} />
          <LogitTable title="Lowers" tone="negative" rows={bottomLogits} scale={logitScale} />
        </div>
      </Section>
      {topTokens.length > 0 && (
        <Section title="Top tokens" note="by summed activation">
          <div className="card p-3">
            <LogitTable title="Fires on" tone="heat" rows={topTokens} scale={topTokens[0]?.value ?? 1} />
          </div>
        </Section>
      )}
    </div>
  );
}
