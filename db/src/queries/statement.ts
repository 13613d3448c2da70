/** Drizzle's `sql` tag, for pg-boss, which brings its own SQL and runs it inside our transactions. */
export { sql as statement } from 'drizzle-orm';
