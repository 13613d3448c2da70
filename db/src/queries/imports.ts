import { randomUUID } from 'node:crypto';
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { ExampleGroup, FeatureExample, FeatureRecord, SourceRecord, TokenValue } from '@monosema/catalog';
import type { Db } from '../connect.ts';
import { copyRows } from '../copy.ts';
import { mintId } from '../ids.ts';
import { packExamples, packHistogram, packTokens, packTokenValues, unpackTokens } from '../packing/index.ts';
import {
  builds,
  contexts as contextRows,
  featureExamples,
  features,
  importFiles,
  imports,
  labels,
  tokenSets,
  tokenSetVocabularies,
  users,
  type ImportedProblem,
} from '../schema/index.ts';
import { BuildClosedError, createBuild, packed, publishBuild } from './builds.ts';
import { packVocabulary, unpackVocabulary } from './models.ts';

/** An import and how far it has come. */
export interface OpenImport {
  id: number;
  buildId: number;
  tokenSetId: number;
  /** Paths of files that are in the catalog already. */
  doneFiles: ReadonlySet<string>;
  contextCount: number;
  spelling: string | null;
  /** Texts of the tokens that it added to the model's. */
  ownTokens: readonly string[];
}

/**
 * Begins an import, or finds the one of the same place into the same source that was interrupted.
 *
 * @param start.source what it will be; nobody sees it before finishImport
 * @param start.base how many tokens the model's vocabulary has here, 0 for none
 */
export async function openImport(
  db: Db,
  start: { location: string; layout: string; source: SourceRecord; dataSetId: string; tokens: number; base: number },
): Promise<OpenImport> {
  const { location, layout, source, dataSetId, tokens, base } = start;
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`import ${source.modelId}/${source.id}`}))`);
    const found = await findInterrupted(tx, { location, layout, modelId: source.modelId, sourceId: source.id, base });
    if (found) return found;
    const [tokenSet] = await tx
      .insert(tokenSets)
      .values({ dataSetId, modelId: source.modelId, contextSize: 0, contextCount: 0, digest: `import ${randomUUID()}` })
      .returning({ id: tokenSets.id });
    const tokenSetId = tokenSet!.id;
    await tx.insert(tokenSetVocabularies).values({ tokenSetId, base, ...packVocabulary([]) });
    const buildId = await createBuild(tx, { source, tokenSetId, tokens });
    const [row] = await tx
      .insert(imports)
      .values({ location, layout, buildId, tokenSetId })
      .returning({ id: imports.id });
    return { id: row!.id, buildId, tokenSetId, doneFiles: new Set(), contextCount: 0, spelling: null, ownTokens: [] };
  });
}

async function findInterrupted(
  tx: Db,
  place: { location: string; layout: string; modelId: string; sourceId: string; base: number },
): Promise<OpenImport | null> {
  const [row] = await tx
    .select({ found: imports, contextCount: tokenSets.contextCount, vocabulary: tokenSetVocabularies })
    .from(imports)
    .innerJoin(builds, eq(builds.id, imports.buildId))
    .innerJoin(tokenSets, eq(tokenSets.id, imports.tokenSetId))
    .innerJoin(tokenSetVocabularies, eq(tokenSetVocabularies.tokenSetId, imports.tokenSetId))
    .where(
      and(
        eq(imports.location, place.location),
        eq(imports.layout, place.layout),
        eq(builds.modelId, place.modelId),
        eq(builds.sourceId, place.sourceId),
        isNull(imports.finishedAt),
        isNull(builds.publishedAt),
        // With other tokens of the model at hand, ids would mean something else.
        eq(tokenSetVocabularies.base, place.base),
      ),
    )
    .orderBy(sql`${imports.id} desc`)
    .limit(1);
  if (!row) return null;
  const { id, buildId, tokenSetId, spelling } = row.found;
  const files = await tx.select({ file: importFiles.file }).from(importFiles).where(eq(importFiles.importId, id));
  const decoder = new TextDecoder();
  return {
    ...{ id, buildId, tokenSetId, spelling, contextCount: row.contextCount },
    doneFiles: new Set(files.map(({ file }) => file)),
    ownTokens: unpackVocabulary(row.vocabulary).map((piece) => decoder.decode(piece)),
  };
}

/** Examples of a feature that a file brought, and what they say of it. */
export interface ImportedExamples {
  index: number;
  examples: readonly FeatureExample[];
  groups: readonly ExampleGroup[];
  topTokens: readonly TokenValue[];
  score: number;
}

/** A label that a file brought; `author` names the method and model that made it. */
export interface ImportedLabelRow {
  index: number;
  text: string;
  author: string;
  createdAt: Date | null;
}

/** What one file of an import holds. */
export interface ImportedFile {
  file: string;
  bytes: number;
  sha256: string;
  records: number;
  problems: readonly ImportedProblem[];
  problemCount: number;
  /** New contexts, numbered on from `firstContext`. */
  firstContext: number;
  contexts: readonly Int32Array[];
  /** All tokens that the import has added to the model's so far; null when there is no new one. */
  ownTokens: readonly string[] | null;
  spelling: string | null;
  features: readonly FeatureRecord[];
  examples: readonly ImportedExamples[];
  labels: readonly ImportedLabelRow[];
}

/** Problems of an import that are kept word by word. */
const keptProblems = 500;

/**
 * Writes what a file holds and that it is done, all of it or nothing: whoever is killed goes on behind it.
 *
 * @throws BuildClosedError when the build was published or removed
 */
export async function writeImportedFile(db: Db, open: OpenImport, content: ImportedFile): Promise<void> {
  const { id, buildId, tokenSetId } = open;
  const { file, bytes, sha256, records, problemCount } = content;
  await db.transaction(async (tx) => {
    const unpublished = and(eq(builds.id, buildId), isNull(builds.publishedAt));
    const [build] = await tx.select().from(builds).where(unpublished).for('share');
    if (!build) throw new BuildClosedError(buildId);
    await tx.insert(importFiles).values({ importId: id, file, bytes, sha256, records, problems: problemCount });
    await tx
      .update(imports)
      .set({
        spelling: content.spelling,
        problems: sql`case when jsonb_array_length(${imports.problems}) < ${keptProblems}
          then ${imports.problems} || ${JSON.stringify(content.problems.slice(0, keptProblems))}::jsonb
          else ${imports.problems} end`,
      })
      .where(eq(imports.id, id));
    await writeContexts(tx, tokenSetId, content);
    if (content.ownTokens) {
      const encoder = new TextEncoder();
      await tx
        .update(tokenSetVocabularies)
        .set(packVocabulary(content.ownTokens.map((text) => encoder.encode(text))))
        .where(eq(tokenSetVocabularies.tokenSetId, tokenSetId));
    }
    await copyRows(
      tx,
      features,
      content.features.map((record) => {
        const { examples: _examples, ...row } = packed({ ...record, examples: [], groups: [] }, { exact: true });
        return { buildId, ...row };
      }),
    );
    await writeExamples(tx, buildId, content.examples);
    await writeLabels(tx, build, content.labels);
  });
}

async function writeContexts(tx: Db, tokenSetId: number, { contexts, firstContext }: ImportedFile): Promise<void> {
  if (contexts.length === 0) return;
  await copyRows(
    tx,
    contextRows,
    contexts.map((tokens, i) => ({ tokenSetId, position: firstContext + i, tokens: packTokens(tokens) })),
  );
  const longest = contexts.reduce((most, { length }) => Math.max(most, length), 0);
  await tx
    .update(tokenSets)
    .set({
      contextCount: firstContext + contexts.length,
      contextSize: sql`greatest(${tokenSets.contextSize}, ${longest})`,
    })
    .where(eq(tokenSets.id, tokenSetId));
}

async function writeExamples(tx: Db, buildId: number, rows: readonly ImportedExamples[]): Promise<void> {
  if (rows.length === 0) return;
  await copyRows(
    tx,
    featureExamples,
    rows.map(({ index, ...grouped }) => ({ buildId, index, examples: packExamples(grouped, { exact: true }) })),
  );
  // The features may stand in another file, which comes before that of the examples.
  const ids = rows.map(({ index }) => index);
  const tokens = rows.map(({ topTokens }) => Buffer.from(packTokenValues(topTokens)).toString('hex'));
  const scores = rows.map(({ score }) => score);
  await tx.execute(sql`
    update ${features} set top_tokens = decode(given.tokens, 'hex'), score = given.score
    from unnest(${sql.param(ids)}::int[], ${sql.param(tokens)}::text[], ${sql.param(scores)}::real[])
      as given(index, tokens, score)
    where ${features.buildId} = ${buildId} and ${features.index} = given.index`);
}

async function writeLabels(
  tx: Db,
  { modelId, sourceId }: { modelId: string; sourceId: string },
  rows: readonly ImportedLabelRow[],
): Promise<void> {
  const authors = [...new Set(rows.map(({ author }) => author))];
  if (authors.length === 0) return;
  const idOf = (author: string): string => `import:${author}`;
  await tx
    .insert(users)
    .values(authors.map((author) => ({ id: idOf(author), name: author })))
    .onConflictDoNothing();
  const known = await tx
    .select({ index: labels.index, text: labels.text, authorId: labels.authorId })
    .from(labels)
    .where(and(eq(labels.modelId, modelId), eq(labels.sourceId, sourceId)));
  const keyOf = (index: number, text: string, authorId: string): string => JSON.stringify([index, text, authorId]);
  const seen = new Set(known.map(({ index, text, authorId }) => keyOf(index, text, authorId)));
  const fresh = rows.flatMap(({ index, text, author, createdAt }) => {
    const key = keyOf(index, text, idOf(author));
    if (seen.has(key)) return [];
    seen.add(key);
    const label = { id: mintId('lab'), modelId, sourceId, index, text, authorId: idOf(author) };
    return [{ ...label, ...(createdAt && { createdAt }) }];
  });
  for (let at = 0; at < fresh.length; at += 5000) await tx.insert(labels).values(fresh.slice(at, at + 5000));
}

/** The contexts of an import so far, in their order: what a resumed one looks for repetitions in. */
export async function* readImportedContexts(db: Db, tokenSetId: number): AsyncGenerator<Int32Array> {
  const batch = 2000;
  for (let after = -1; ;) {
    const rows = await db
      .select({ position: contextRows.position, tokens: contextRows.tokens })
      .from(contextRows)
      .where(and(eq(contextRows.tokenSetId, tokenSetId), sql`${contextRows.position} > ${after}`))
      .orderBy(asc(contextRows.position))
      .limit(batch);
    for (const { tokens } of rows) yield unpackTokens(tokens);
    if (rows.length < batch) return;
    after = rows.at(-1)!.position;
  }
}

/** Indexes of the features whose numbers, and whose examples, an interrupted import has written. */
export async function readImportedIndexes(
  db: Db,
  buildId: number,
): Promise<{ features: ReadonlySet<number>; examples: ReadonlySet<number> }> {
  const of = async (table: typeof features | typeof featureExamples): Promise<ReadonlySet<number>> => {
    const rows = await db.select({ index: table.index }).from(table).where(eq(table.buildId, buildId));
    return new Set(rows.map(({ index }) => index));
  };
  return { features: await of(features), examples: await of(featureExamples) };
}

/**
 * Shows an import to everybody. Features of which it brought examples only get numbers that say nothing.
 *
 * @param index makes its features known to search, in the same transaction
 */
export async function finishImport(
  db: Db,
  { id, buildId }: OpenImport,
  index: (tx: Db) => Promise<void>,
): Promise<void> {
  await db.transaction(async (tx) => {
    const none = sql.param(Buffer.from(packTokenValues([])));
    const histogram = sql.param(Buffer.from(packHistogram({ minimum: 0, maximum: 0, counts: [] })));
    await tx.execute(sql`
      insert into ${features} (build_id, index, firings, density, maximum, mean, score, histogram, top_logits, bottom_logits, top_tokens)
      select e.build_id, e.index, 0, 0, 0, 0, 0, ${histogram}::bytea, ${none}::bytea, ${none}::bytea, ${none}::bytea
      from ${featureExamples} e
      where e.build_id = ${buildId}
        and not exists (select from ${features} f where f.build_id = ${buildId} and f.index = e.index)`);
    await tx.execute(sql`
      update ${builds} set d_sae = greatest(d_sae, (select max(index) + 1 from ${features} where ${features.buildId} = ${buildId}))
      where ${builds.id} = ${buildId}`);
    await publishBuild(tx, buildId);
    await index(tx);
    await tx
      .update(imports)
      .set({ finishedAt: sql`now()` })
      .where(eq(imports.id, id));
  });
}

/** How an import went. */
export async function getImport(
  db: Db,
  id: number,
): Promise<{
  files: (typeof importFiles.$inferSelect)[];
  problems: ImportedProblem[];
  finishedAt: Date | null;
} | null> {
  const [row] = await db.select().from(imports).where(eq(imports.id, id));
  if (!row) return null;
  const files = await db.select().from(importFiles).where(eq(importFiles.importId, id)).orderBy(asc(importFiles.file));
  return { files, problems: row.problems, finishedAt: row.finishedAt };
}
