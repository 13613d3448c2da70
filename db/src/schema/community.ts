import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';

const createdAt = () => timestamp('created_at', { withTimezone: true }).notNull().defaultNow();

/** Columns that next-auth's adapter expects, and our role. No secret lives here: this row can reach a session. */
export const users = pgTable('users', {
  id: text('id').primaryKey(),
  name: text('name'),
  email: text('email').unique(),
  emailVerified: timestamp('email_verified', { withTimezone: true, mode: 'date' }),
  image: text('image'),
  role: text('role').$type<'member' | 'admin'>().notNull().default('member'),
  createdAt: createdAt(),
});

/** Argon2id hashes, in a table of their own so that no user row ever carries one. */
export const passwords = pgTable('passwords', {
  userId: text('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  hash: text('hash').notNull(),
});

export const accounts = pgTable(
  'accounts',
  {
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    type: text('type').notNull(),
    provider: text('provider').notNull(),
    providerAccountId: text('provider_account_id').notNull(),
    refresh_token: text('refresh_token'),
    access_token: text('access_token'),
    expires_at: integer('expires_at'),
    token_type: text('token_type'),
    scope: text('scope'),
    id_token: text('id_token'),
    session_state: text('session_state'),
  },
  (table) => [primaryKey({ columns: [table.provider, table.providerAccountId] })],
);

export const sessions = pgTable('sessions', {
  sessionToken: text('session_token').primaryKey(),
  userId: text('user_id')
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  expires: timestamp('expires', { withTimezone: true, mode: 'date' }).notNull(),
});

export const verificationTokens = pgTable(
  'verification_tokens',
  {
    identifier: text('identifier').notNull(),
    token: text('token').notNull(),
    expires: timestamp('expires', { withTimezone: true, mode: 'date' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.identifier, table.token] })],
);

/** One-time links that make an admin account; only the token's hash is kept. */
export const adminClaims = pgTable('admin_claims', {
  tokenHash: text('token_hash').primaryKey(),
  usedAt: timestamp('used_at', { withTimezone: true }),
  createdAt: createdAt(),
});

/** What people say a feature means. */
export const labels = pgTable(
  'labels',
  {
    id: text('id').primaryKey(),
    modelId: text('model_id').notNull(),
    sourceId: text('source_id').notNull(),
    index: integer('index').notNull(),
    text: text('text').notNull(),
    authorId: text('author_id')
      .notNull()
      .references(() => users.id),
    createdAt: createdAt(),
    hidden: boolean('hidden').notNull().default(false),
    /** Counts of its votes, kept by voteLabel. */
    upvotes: integer('upvotes').notNull().default(0),
    downvotes: integer('downvotes').notNull().default(0),
    /** Lower bound of the share of upvotes that the votes make likely (Wilson, 95 %): the order of labels. */
    rank: real('rank').notNull().default(0),
  },
  (table) => [index('labels_feature').on(table.modelId, table.sourceId, table.index)],
);

/** One vote of one person on one label: 1 or −1. */
export const labelVotes = pgTable(
  'label_votes',
  {
    labelId: text('label_id')
      .notNull()
      .references(() => labels.id, { onDelete: 'cascade' }),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    value: smallint('value').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.labelId, table.userId] }),
    check('label_votes_value', sql`${table.value} in (-1, 1)`),
  ],
);
