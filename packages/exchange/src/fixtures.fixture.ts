import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { ImportFiles } from './files/import-files.ts';
import { findImports } from './find-imports.ts';
import type { ImportProblem } from './import-error.ts';
import type { ImportPlan } from './import-plan.ts';
import { readImport, type ReadImportOptions } from './read-import.ts';
import type { ImportRecord } from './records.ts';

/** Path of a fixture. */
export const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** What a fixture holds, read without any code of this package. */
export async function rawJson<T>(name: string): Promise<T> {
  const bytes = await readFile(fixture(name));
  return JSON.parse((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()) as T;
}

export async function plansOf(files: ImportFiles): Promise<ImportPlan[]> {
  const plans: ImportPlan[] = [];
  for await (const plan of findImports(files)) plans.push(plan);
  return plans;
}

export interface Imported {
  readonly plan: ImportPlan;
  readonly records: ImportRecord[];
  readonly problems: ImportProblem[];
}

/** Everything of the one source of an import. */
export async function importAll(files: ImportFiles, options: ReadImportOptions = {}): Promise<Imported> {
  const [plan, ...others] = await plansOf(files);
  if (!plan || others.length > 0) throw new Error(`${others.length + (plan ? 1 : 0)} sources, not one`);
  const problems: ImportProblem[] = [];
  const records: ImportRecord[] = [];
  for await (const record of readImport(files, plan, { onProblem: (problem) => problems.push(problem), ...options }))
    records.push(record);
  return { plan, records, problems };
}

/** The records of one kind. */
export const ofKind = <K extends ImportRecord['kind']>(
  records: readonly ImportRecord[],
  kind: K,
): Extract<ImportRecord, { kind: K }>[] =>
  records.filter((record): record is Extract<ImportRecord, { kind: K }> => record.kind === kind);

/** JSON lines, as bytes. */
export const jsonl = (rows: readonly unknown[]): Uint8Array =>
  Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

/** Each record as one line of text, its fields in one order: comparing thousands of lists number by number takes seconds. */
export const asText = (values: readonly object[]): string[] =>
  values.map((value) =>
    JSON.stringify(Object.entries(value).sort(), (_, each: unknown) => {
      if (each instanceof Float32Array) return { float32: Array.from(each) };
      return typeof each === 'number' && !Number.isFinite(each) ? String(each) : each;
    }),
  );
