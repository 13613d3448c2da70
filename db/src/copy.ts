import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { getTableColumns, getTableName } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { PostgresJsSession } from 'drizzle-orm/postgres-js';
import type postgres from 'postgres';
import type { Db } from './connect.ts';

/** Bytes that are handed to Postgres at once. */
const chunkBytes = 1 << 18;

/** Rows per INSERT: Postgres takes 65,534 parameters. */
const rowsPerInsert = 1000;

/**
 * Writes rows by COPY in Postgres's binary format, quicker than INSERT. All of them come in or none. Columns that a row
 * leaves out must be left out of all rows; they get their defaults.
 *
 * @param db a transaction
 * @throws RangeError for a column of a type that nobody needed yet; what Postgres says of the rows
 * @example await db.transaction((tx) => copyRows(tx, features, rows));
 */
export async function copyRows<T extends PgTable>(db: Db, table: T, rows: readonly T['$inferInsert'][]): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.entries(getTableColumns(table)).filter(([key]) => key in first);
  const encoders = columns.map(([key, column]) => [key, encoderOf(column)] as const);
  const names = columns.map(([, { name }]) => name);
  try {
    await db.transaction((tx) => copyInto(tx, getTableName(table), names, encoders, rows));
  } catch {
    // The driver does not tell why a COPY failed at its end; INSERT does.
    for (let at = 0; at < rows.length; at += rowsPerInsert)
      await db.insert(table).values(rows.slice(at, at + rowsPerInsert));
  }
}

async function copyInto(
  tx: Db,
  table: string,
  columns: readonly string[],
  encoders: readonly (readonly [string, Encode])[],
  rows: readonly Record<string, unknown>[],
): Promise<void> {
  const sql = clientOf(tx);
  const stream = await sql`copy ${sql(table)} (${sql([...columns])}) from stdin (format binary)`.writable();
  const failed = new Promise<never>((_, reject) => void stream.once('error', reject));
  // It may come while nobody waits: between two writes.
  failed.catch(() => undefined);
  const writer = new BinaryRows(encoders);
  for (const row of rows) {
    writer.row(row);
    if (writer.length < chunkBytes) continue;
    if (!stream.write(writer.take())) await Promise.race([once(stream, 'drain'), failed]);
  }
  writer.end();
  await Promise.race([endOf(stream, writer.take()), failed]);
  // Comes behind the COPY on the same connection, and fails if that did: the stream itself would wait for ever.
  await sql`select 1`;
}

/** When the end of the data has been sent. */
function endOf(stream: Writable, last: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const final = stream._final.bind(stream);
    stream._final = (callback) => {
      final(callback);
      resolve();
    };
    stream.end(last);
  });
}

function clientOf(db: Db): postgres.Sql {
  const { session } = db._;
  if (!(session instanceof PostgresJsSession)) throw new TypeError('COPY needs a connection of postgres.js');
  return session.client as postgres.Sql;
}

type Encode = (rows: BinaryRows, value: unknown) => void;

function encoderOf(column: PgColumn): Encode {
  const type = column.getSQLType();
  const encode = encoders[type];
  if (!encode) throw new RangeError(`COPY of ${column.name}: no encoding for ${type}`);
  return (rows, value) => (value === null || value === undefined ? rows.absent() : encode(rows, value));
}

const encoders: Record<string, Encode> = {
  integer: (rows, value) => rows.int32(value as number),
  bigint: (rows, value) => rows.int64(value as number),
  real: (rows, value) => rows.float32(value as number),
  bytea: (rows, value) => rows.bytes(value as Uint8Array),
  text: (rows, value) => rows.bytes(Buffer.from(value as string)),
};

/** Postgres's binary COPY format: big-endian, each field with its length before it (-1: null). */
class BinaryRows {
  private buffer = Buffer.allocUnsafe(2 * chunkBytes);
  length = 0;

  constructor(private readonly columns: readonly (readonly [string, Encode])[]) {
    this.append(Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'));
    this.append(Buffer.alloc(8));
  }

  row(row: Record<string, unknown>): void {
    this.reserve(2);
    this.length = this.buffer.writeInt16BE(this.columns.length, this.length);
    for (const [key, encode] of this.columns) encode(this, row[key]);
  }

  end(): void {
    this.reserve(2);
    this.length = this.buffer.writeInt16BE(-1, this.length);
  }

  absent(): void {
    this.size(-1);
  }

  int32(value: number): void {
    this.size(4);
    this.length = this.buffer.writeInt32BE(value, this.length);
  }

  int64(value: number): void {
    this.size(8);
    this.length = this.buffer.writeBigInt64BE(BigInt(value), this.length);
  }

  float32(value: number): void {
    this.size(4);
    this.length = this.buffer.writeFloatBE(value, this.length);
  }

  bytes(value: Uint8Array): void {
    this.size(value.length);
    this.append(value);
  }

  /** What was written since the last time. */
  take(): Buffer {
    const taken = Buffer.from(this.buffer.subarray(0, this.length));
    this.length = 0;
    return taken;
  }

  private size(bytes: number): void {
    this.reserve(4 + Math.max(0, bytes));
    this.length = this.buffer.writeInt32BE(bytes, this.length);
  }

  private append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}
