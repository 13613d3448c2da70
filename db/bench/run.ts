/**
 * How much room a feature takes, and what the page's reads cost:
 *   npm run bench -- storage [--features 4096] [--contexts 24576] [--sources 4500]
 * The same made-up dashboards are written in this catalog's tables and in those of Neuronpedia's schema, in a scratch
 * database; sizes are of tables, TOAST and indexes after VACUUM. Then as many sources as asked for stand in the catalog,
 * and Postgres tells how it reads a feature's page.
 */
import { parseArgs } from 'node:util';
import { Vocabulary } from '@monosema/catalog';
import { connect, type Database } from '../src/index.ts';
import { createBuild, insertFeatures, publishBuild, putTokenSet } from '../src/queries/index.ts';
import { createTestDatabase, seedCatalog } from '../src/testing/index.ts';
import { explainPage } from './explain-page.ts';
import { madeUpContexts, madeUpFeatures, madeUpVocabulary } from './measured-features.ts';
import { createNeuronpediaTables, insertNeuronpediaRows } from './neuronpedia-layout.ts';

const { values } = parseArgs({
  options: {
    features: { type: 'string', default: '4096' },
    contexts: { type: 'string', default: '24576' },
    sources: { type: 'string', default: '4500' },
  },
});
const [featureCount, contextCount, sourceCount] = [values.features, values.contexts, values.sources].map(Number) as [
  number,
  number,
  number,
];

/** Bytes of tables with their TOAST and indexes. */
async function sizeOf({ sql }: Database, tables: readonly string[]): Promise<{ heap: number; indexes: number }> {
  const [row] = await sql<[{ heap: string; indexes: string }]>`
    select coalesce(sum(pg_table_size(c.oid)), 0) as heap, coalesce(sum(pg_indexes_size(c.oid)), 0) as indexes
    from pg_class c left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
    where c.relkind = 'r' and coalesce(p.relname, c.relname) in ${sql(tables)}`;
  return { heap: Number(row.heap), indexes: Number(row.indexes) };
}

const bytes = (count: number): string => Math.round(count).toLocaleString('en');
const line = (name: string, { heap, indexes }: { heap: number; indexes: number }): string =>
  `| ${name} | ${bytes(heap / featureCount)} | ${bytes(indexes / featureCount)} | ${bytes((heap + indexes) / featureCount)} |`;

const scratch = await createTestDatabase();
const database = connect(scratch.url);
try {
  const vocabulary = madeUpVocabulary(50_257);
  const contexts = madeUpContexts(contextCount, vocabulary.length);
  const features = madeUpFeatures(featureCount, contextCount, vocabulary.length);
  const pieces = new Vocabulary(vocabulary.map((text) => new TextEncoder().encode(text)));
  const { source } = await seedCatalog(database.orm, { modelId: 'gpt2-small', sourceId: '0-res-jb', features: 1 });

  const written = performance.now();
  const tokenSet = { dataSetId: 'toy-text', modelId: 'gpt2-small', contextSize: 128, contexts };
  const tokenSetId = await putTokenSet(database.orm, tokenSet);
  const buildId = await createBuild(database.orm, {
    source: { ...source, id: '8-res-jb', dSae: featureCount },
    ...{ tokenSetId, tokens: 128 * contextCount },
  });
  const first = performance.now();
  for (let at = 0; at < features.length; at += 1024)
    await insertFeatures(database.orm, buildId, features.slice(at, at + 1024));
  const seconds = (performance.now() - first) / 1000;
  await publishBuild(database.orm, buildId);
  console.log(
    `${featureCount} features of 45 examples × 128 tokens over ${contextCount} contexts: ` +
      `${Math.round(featureCount / seconds)} features/s written (contexts ${((first - written) / 1000).toFixed(1)} s)\n`,
  );
  await createNeuronpediaTables(database);
  const textOf = (token: number): string => new TextDecoder().decode(pieces.pieces[token]);
  const contextAt = (context: number): Int32Array => contexts[context]!;
  await insertNeuronpediaRows(
    database,
    features.map((record) => ({ record, textOf, contextAt })),
  );
  await database.sql.unsafe('vacuum (full, analyze)');

  const ours = await sizeOf(database, ['features', 'feature_examples', 'contexts']);
  const theirs = await sizeOf(database, ['Neuron', 'Activation']);
  console.log('| bytes per feature | tables and TOAST | indexes | sum |\n|---|---|---|---|');
  for (const table of ['features', 'feature_examples', 'contexts'])
    console.log(line(table, await sizeOf(database, [table])));
  console.log(line('this catalog', ours));
  console.log(line('Neuron', await sizeOf(database, ['Neuron'])));
  console.log(line('Activation', await sizeOf(database, ['Activation'])));
  console.log(line("Neuronpedia's schema", theirs));
  console.log(`\nratio ${((theirs.heap + theirs.indexes) / (ours.heap + ours.indexes)).toFixed(1)}\n`);
  await explainPage(database, { sourceCount, featureCount, source, tokenSetId });
} finally {
  await database.close();
  await scratch.drop();
}
