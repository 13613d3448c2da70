'use server';

import { TRPCError } from '@trpc/server';
import { revalidatePath } from 'next/cache';
import { featureAddressSchema, featurePath, type FeatureAddress } from '@monosema/catalog';
import { serverCaller } from '../../../../server/caller.ts';

/** What the label form shows after it was sent. */
export interface LabelFormState {
  message?: string;
  /** What was typed, when it was refused. */
  text?: string;
}

/** Writes a label. Bound to its feature: `addLabel.bind(null, address)`. */
export async function addLabel(
  address: FeatureAddress,
  _before: LabelFormState,
  form: FormData,
): Promise<LabelFormState> {
  const text = String(form.get('text') ?? '');
  return changed(address, text, async () => (await serverCaller()).label.create({ ...address, text }));
}

/** Sets the reader's vote to 1, −1 or 0. */
export async function voteLabel(address: FeatureAddress, labelId: string, value: 1 | 0 | -1): Promise<void> {
  await changed(address, '', async () => (await serverCaller()).label.vote({ labelId, value }));
}

/** Takes a label away: its author's and admins' to do. */
export async function removeLabel(address: FeatureAddress, labelId: string): Promise<void> {
  await changed(address, '', async () => (await serverCaller()).label.hide({ labelId }));
}

/** Does it, and lets the feature's page show it; a refusal is a message, anything else is an error. */
async function changed(address: FeatureAddress, text: string, change: () => Promise<unknown>): Promise<LabelFormState> {
  const path = featurePath(featureAddressSchema.parse(address));
  try {
    await change();
  } catch (error) {
    if (!(error instanceof TRPCError) || error.code === 'INTERNAL_SERVER_ERROR') throw error;
    return {
      text,
      message: error.code === 'BAD_REQUEST' ? 'A label is one line of 1 to 200 characters.' : error.message,
    };
  }
  revalidatePath(path);
  return {};
}
