import { metricsRow } from '../metrics-row.fixture.ts';
import { openWandbLog } from './wandb-log.ts';

/**
 * A run of 300 rows, whose config alone is longer than a block, the same bytes every time; scripts/record-wandb.py sends it
 * through wandb's own `wandb sync`.
 *
 * @returns the run's folder
 */
export async function writeExample(folder: string): Promise<string> {
  let seconds = 1_700_000_000;
  const log = await openWandbLog(folder, {
    ...{ project: 'saes', name: 'k8', runId: 'abcd1234', host: 'here', now: () => (seconds += 0.25) },
    config: { k: 8, note: 'é'.repeat(30_000) },
  });
  for (let row = 1; row <= 300; row++) await log.metrics(metricsRow(row * 25, { mse: row / 7 }));
  await log.evaluation({ tokens: 100, l0: 8.5, explainedVariance: 0.5, ceLossScore: Number.NaN } as Parameters<
    typeof log.evaluation
  >[0]);
  await log.close();
  return log.path;
}
