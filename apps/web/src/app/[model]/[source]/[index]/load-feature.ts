import 'server-only';
import { notFound, permanentRedirect, redirect } from 'next/navigation';
import { cache } from 'react';
import type { FeatureView } from '@monosema/api';
import { featurePath } from '@monosema/catalog';
import { serverCaller } from '../../../../server/caller.ts';
import { orNotFound } from '../../../../server/or-not-found.ts';

/**
 * The feature of an address as it was typed; read once per request, for the page and its metadata. Leads to a random
 * live feature for `random`, and to the plain number for one written otherwise.
 */
export const loadFeature = cache(async (modelId: string, sourceId: string, index: string): Promise<FeatureView> => {
  const caller = await serverCaller();
  if (index === 'random') redirect(featurePath(await orNotFound(caller.feature.random({ modelId, sourceId }))));
  if (!/^\d+$/.test(index)) notFound();
  if (String(Number(index)) !== index) permanentRedirect(featurePath({ modelId, sourceId, index: Number(index) }));
  return orNotFound(caller.feature.get({ modelId, sourceId, index: Number(index) }));
});
