import { pathToFileURL } from 'node:url';
import { connect, migrate, type Database } from '@monosema/db';
import { putVocabulary, reapBuilds, upsertDataSet, upsertModel } from '@monosema/db/queries';
import { bundledModels } from '@monosema/hub';
import { openQueue } from '@monosema/jobs';
import { loadModel } from '@monosema/model';
import { dataSets } from '@monosema/sample-data';
import { readEnv } from './env.ts';

/**
 * Makes a database ready to serve: migrations of the catalog and of the queue, the bundled models and data sets, and
 * without the builds that nobody will look at again.
 * Safe to repeat, and from several processes at once.
 */
export async function prepareDatabase(url: string): Promise<void> {
  await migrate(url);
  await prepareQueue(url);
  const database = connect(url, { max: 1 });
  try {
    await bringInModels(database);
    for (const { id, displayName, origin, licence } of dataSets) await upsertDataSet(database.orm, { id, displayName, origin, licence });
    await reapBuilds(database.orm);
  } finally {
    await database.close();
  }
}

/** Opening the queue makes its tables. */
async function prepareQueue(url: string): Promise<void> {
  let trouble: Error | null = null;
  const queue = await openQueue(url, { role: 'send', onError: (error) => (trouble ??= error) });
  await queue.close();
  if (trouble) throw trouble as Error;
}

async function bringInModels(database: Database): Promise<void> {
  for (const name of bundledModels()) {
    const model = await loadModel(name);
    await upsertModel(database.orm, model.record);
    await putVocabulary(database.orm, model.id, model.tokenizer.vocabulary);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { DATABASE_URL } = readEnv();
  if (!DATABASE_URL) throw new Error('DATABASE_URL is not set: it names the Postgres to prepare');
  await prepareDatabase(DATABASE_URL);
  console.log('The database is ready.');
}
