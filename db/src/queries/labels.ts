import { and, desc, eq, getTableColumns, sql } from 'drizzle-orm';
import type { FeatureAddress } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { mintId } from '../ids.ts';
import { labels, labelVotes, users } from '../schema/index.ts';
import { lockSearchLabels, reindexLabels } from './search-labels.ts';

/** A label as readers see it. */
export interface Label {
  id: string;
  text: string;
  author: { id: string; name: string | null };
  createdAt: Date;
  upvotes: number;
  downvotes: number;
  /** Upvotes less downvotes. */
  score: number;
  /** The reader's own vote: 1, −1, or 0 for none. */
  myVote: number;
}

const atFeature = ({ modelId, sourceId, index }: FeatureAddress) =>
  and(eq(labels.modelId, modelId), eq(labels.sourceId, sourceId), eq(labels.index, index));

/** The order of labels: the votes' verdict, then what is older. */
const labelOrder = [desc(labels.rank), sql`${labels.upvotes} - ${labels.downvotes} desc`, labels.createdAt, labels.id];

/** A feature's labels, best first, hidden ones left out; one statement. */
export async function listLabels(
  db: Db,
  address: FeatureAddress,
  { userId = null }: { userId?: string | null } = {},
): Promise<Label[]> {
  const { id, text, createdAt, upvotes, downvotes } = getTableColumns(labels);
  const rows = await db
    .select({
      ...{ id, text, createdAt, upvotes, downvotes },
      author: { id: users.id, name: users.name },
      score: sql<number>`${labels.upvotes} - ${labels.downvotes}`,
      myVote: sql<number>`coalesce(${labelVotes.value}, 0)`,
    })
    .from(labels)
    .innerJoin(users, eq(users.id, labels.authorId))
    .leftJoin(labelVotes, and(eq(labelVotes.labelId, labels.id), eq(labelVotes.userId, userId ?? '')))
    .where(and(atFeature(address), eq(labels.hidden, false)))
    .orderBy(...labelOrder);
  return rows;
}

/**
 * Writes a label; search finds it as soon as this resolves. The same text by the same person again is the same label.
 * That the feature exists is the caller's to check.
 *
 * @returns the label's id
 */
export async function createLabel(
  db: Db,
  { address, text, authorId }: { address: FeatureAddress; text: string; authorId: string },
): Promise<string> {
  const { modelId, sourceId, index } = address;
  return db.transaction(async (tx) => {
    await lockSearchLabels(tx, address);
    const same = and(
      atFeature(address),
      eq(labels.text, text),
      eq(labels.authorId, authorId),
      eq(labels.hidden, false),
    );
    const [found] = await tx.select({ id: labels.id }).from(labels).where(same);
    if (found) return found.id;
    const id = mintId('lab');
    await tx.insert(labels).values({ id, modelId, sourceId, index, text, authorId });
    await reindexLabels(tx, address);
    return id;
  });
}

/** Where a label belongs; null when it is unknown or hidden. */
export async function findLabel(db: Db, labelId: string): Promise<(FeatureAddress & { authorId: string }) | null> {
  const { modelId, sourceId, index, authorId } = labels;
  const [row] = await db
    .select({ modelId, sourceId, index, authorId })
    .from(labels)
    .where(and(eq(labels.id, labelId), eq(labels.hidden, false)));
  return row ?? null;
}

/** z of a 95 % interval. */
const z = 1.96;

/**
 * Sets a person's vote on a label: 1, −1, or 0 to take it back.
 *
 * @returns the label's counts afterwards; null when there is no such label
 */
export async function voteLabel(
  db: Db,
  { labelId, userId, value }: { labelId: string; userId: string; value: 1 | 0 | -1 },
): Promise<{ upvotes: number; downvotes: number; score: number; myVote: number } | null> {
  return db.transaction(async (tx) => {
    // One vote at a time per label, so that the counts are those of the votes.
    const visible = and(eq(labels.id, labelId), eq(labels.hidden, false));
    const [label] = await tx.select({ id: labels.id }).from(labels).where(visible).for('no key update');
    if (!label) return null;
    const mine = and(eq(labelVotes.labelId, labelId), eq(labelVotes.userId, userId));
    if (value === 0) await tx.delete(labelVotes).where(mine);
    else {
      const target = [labelVotes.labelId, labelVotes.userId];
      await tx.insert(labelVotes).values({ labelId, userId, value }).onConflictDoUpdate({ target, set: { value } });
    }
    const ups = await tx.$count(labelVotes, and(eq(labelVotes.labelId, labelId), eq(labelVotes.value, 1)));
    const downs = await tx.$count(labelVotes, and(eq(labelVotes.labelId, labelId), eq(labelVotes.value, -1)));
    const rank = wilsonLowerBound(ups, downs);
    await tx.update(labels).set({ upvotes: ups, downvotes: downs, rank }).where(eq(labels.id, labelId));
    return { upvotes: ups, downvotes: downs, score: ups - downs, myVote: value };
  });
}

/** Wilson's score interval, lower end: few votes prove little, many prove much. 0 without votes. */
export function wilsonLowerBound(ups: number, downs: number): number {
  const n = ups + downs;
  if (n === 0) return 0;
  const share = ups / n;
  const spread = z * Math.sqrt((share * (1 - share) + (z * z) / (4 * n)) / n);
  return Math.max(0, (share + (z * z) / (2 * n) - spread) / (1 + (z * z) / n));
}

/** Hides a label from everybody, search included, or shows it again. False when there is no such label. */
export async function hideLabel(db: Db, labelId: string, hidden = true): Promise<boolean> {
  return db.transaction(async (tx) => {
    const { modelId, sourceId, index } = labels;
    const [address] = await tx.select({ modelId, sourceId, index }).from(labels).where(eq(labels.id, labelId));
    if (!address) return false;
    await lockSearchLabels(tx, address);
    await tx.update(labels).set({ hidden }).where(eq(labels.id, labelId));
    await reindexLabels(tx, address);
    return true;
  });
}
