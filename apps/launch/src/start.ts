import path from 'node:path';
import { createAdminClaim, hasAdmin } from '@monosema/auth';
import { connect, type Database } from '@monosema/db';
import { startEmbeddedPostgres } from '@monosema/db/embedded';
import { getRun, listRuns, type RunWithStages } from '@monosema/db/queries';
import { launchRun, openQueue } from '@monosema/jobs';
import { DataFolder } from './data-folder.ts';
import { readEnv, type LaunchEnv } from './env.ts';
import { firstRun } from './first-run.ts';
import { choosePort } from './free-port.ts';
import { readOptions, startUsage, type StartOptions } from './options.ts';
import { prepareDatabase } from './prepare.ts';
import { Processes } from './processes.ts';
import { Progress, seconds } from './progress.ts';
import { projectRoot } from './project-root.ts';
import { buildWeb, isWebBuilt, nextBinary } from './web-build.ts';
import { watchRun } from './watch-run.ts';

const workers = ['train-sae', 'build-dashboards', 'index-search', 'preview-steering'] as const;

/** `npm start`: resolves with the exit code when everything has stopped again. */
export async function main(args: readonly string[]): Promise<number> {
  let env: LaunchEnv;
  let options: StartOptions;
  try {
    env = readEnv();
    options = readOptions(args, env);
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${startUsage}`);
    return 2;
  }
  if (options.help) {
    console.log(startUsage);
    return 0;
  }
  const stopping = stopSignal();
  try {
    await launch(options, env, stopping);
    return 0;
  } catch (error) {
    if (stopping.aborted) return 0;
    console.error(`\nMonosema could not start: ${messageOf(error)}`);
    return 1;
  }
}

async function launch(options: StartOptions, env: LaunchEnv, stopping: AbortSignal): Promise<void> {
  const startedAt = Date.now();
  const progress = new Progress();
  const folder = new DataFolder(options.data);
  const holder = folder.holder();
  if (holder) throw new Error(`it already runs on ${folder.path} (process ${holder.pid}): ${holder.url}`);
  const port = await choosePort(options.port);
  const url = `http://127.0.0.1:${port}`;
  folder.lock(url);
  const closers: (() => Promise<void>)[] = [() => Promise.resolve(folder.unlock())];
  try {
    const processes = new Processes(folder.logs, (message) => progress.print(`  ${message}`));
    progress.print(`Monosema · data in ${folder.path}`);
    const { databaseUrl } = await openDatabase(folder, env, progress, closers, stopping);
    const environment = {
      DATABASE_URL: databaseUrl,
      MONOSEMA_DATA: folder.path,
      MONOSEMA_ENGINE: options.engine,
      AUTH_SECRET: env.AUTH_SECRET ?? folder.secret('auth'),
      AUTH_URL: url,
      NODE_ENV: 'production',
    };
    closers.push(() => processes.stop());
    const exitWithParent = path.join(import.meta.dirname, 'exit-with-parent.mjs');
    processes.start({
      name: 'web',
      command: [process.execPath, '--import', exitWithParent, nextBinary(), 'start', '--hostname', '127.0.0.1', '--port', String(port)],
      cwd: path.join(projectRoot, 'apps/web'),
      env: environment,
    });
    for (const name of workers)
      processes.start({
        name,
        command: [process.execPath, '--import', 'tsx', path.join(projectRoot, 'workers', name, 'src/main.ts')],
        cwd: projectRoot,
        env: environment,
      });
    await waitForWeb(url, stopping, processes.logFile('web'));
    progress.print(`  web answers at ${url} after ${seconds(Date.now() - startedAt)}`);
    const database = connect(databaseUrl, { max: 2 });
    closers.push(() => database.close());
    await followFirstRun(database, databaseUrl, options, url, progress, stopping);
    if (!stopping.aborted) await printAdminLink(database, url, progress);
    if (!stopping.aborted) progress.print('\nPress Ctrl-C to stop.');
    await untilAborted(stopping);
  } finally {
    progress.clear();
    if (stopping.aborted) console.log('Stopping …');
    for (const close of closers.reverse()) await close();
  }
}

/** Postgres and the web build are prepared side by side: both take seconds on a first start. */
async function openDatabase(folder: DataFolder, env: LaunchEnv, progress: Progress, closers: (() => Promise<void>)[], stopping: AbortSignal): Promise<{ databaseUrl: string }> {
  const database = async (): Promise<string> => {
    let databaseUrl = env.DATABASE_URL;
    if (!databaseUrl) {
      const postgres = await startEmbeddedPostgres({ dir: folder.postgres });
      closers.push(() => postgres.stop());
      databaseUrl = postgres.url;
      if (postgres.dir !== folder.postgres) progress.print(`  database in ${postgres.dir} (the data folder cannot be read by Postgres's own user)`);
    }
    await prepareDatabase(databaseUrl);
    return databaseUrl;
  };
  const web = async (): Promise<void> => {
    if (isWebBuilt()) return;
    progress.print('  building the web (once; kept until its sources change) …');
    const startedAt = Date.now();
    await buildWeb(path.join(folder.logs, 'web-build.log'), stopping);
    progress.print(`  built the web in ${seconds(Date.now() - startedAt)}`);
  };
  // Both are awaited to their end, so that a failure of one leaves nothing of the other behind.
  const [databaseResult, webResult] = await Promise.allSettled([database(), web()]);
  if (databaseResult.status === 'rejected') throw databaseResult.reason;
  if (webResult.status === 'rejected') throw webResult.reason;
  return { databaseUrl: databaseResult.value };
}

async function waitForWeb(url: string, stopping: AbortSignal, logFile: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!stopping.aborted) {
    const answer = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(5000) }).catch(() => null);
    if (answer?.ok) return;
    if (Date.now() > deadline) throw new Error(`the web did not answer within a minute; its log: ${logFile}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Queues the first run when there is none, and follows whatever run was first until it ends. */
async function followFirstRun(database: Database, databaseUrl: string, options: StartOptions, url: string, progress: Progress, stopping: AbortSignal): Promise<void> {
  const run = await firstOrQueuedRun(database, databaseUrl, options, progress);
  if (!run || !['queued', 'running'].includes(run.status)) return;
  const startedAt = Date.now();
  progress.print(`  first run: a sparse autoencoder on ${run.request.modelId}, ${run.request.hookPoint}\n  ${url}/runs/${run.id}`);
  const end = await watchRun(database, run.id, progress, () => progress.print(`  features can be browsed after another ${seconds(Date.now() - startedAt)}: ${url}/${run.request.modelId}/${run.request.sourceId}`), stopping);
  if (!end) return;
  if (end.status === 'succeeded') {
    progress.print(`\n  Run           ${url}/runs/${run.id}`);
    if (end.bestFeature) progress.print(`  Best feature  ${url}${end.bestFeature}`);
  } else progress.print(`\n  The run ${end.status === 'failed' ? `failed: ${end.error}` : 'was cancelled'}: ${url}/runs/${run.id}`);
}

async function firstOrQueuedRun(database: Database, databaseUrl: string, options: StartOptions, progress: Progress): Promise<RunWithStages | null> {
  const known = (await listRuns(database.orm, { limit: 1000 })).at(-1);
  if (known) return getRun(database.orm, known.id);
  if (!options.train) return null;
  const queue = await openQueue(databaseUrl, { role: 'send', onError: (error) => progress.print(`  queue: ${error.message}`) });
  try {
    const outcome = await launchRun({ db: database.orm, queue }, { request: firstRun, createdBy: null });
    if (outcome.ok) return await getRun(database.orm, outcome.runId);
    throw new Error(`the first run was refused: ${outcome.issues.map(({ path: field, message }) => `${field} ${message}`).join('; ')}`);
  } finally {
    await queue.close();
  }
}

async function printAdminLink(database: Database, url: string, progress: Progress): Promise<void> {
  if (await hasAdmin(database.orm)) return;
  progress.print(`  Admin link    ${url}/claim/${await createAdminClaim(database.orm)}   (works once)`);
}

/** Aborts on the first Ctrl-C or SIGTERM; a second one ends the process at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  return controller.signal;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  // A pending promise does not keep Node alive; the timer does.
  const timer = setInterval(() => undefined, 60_000);
  return new Promise((resolve) => signal.addEventListener('abort', () => (clearInterval(timer), resolve()), { once: true }));
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
