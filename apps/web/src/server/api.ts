import 'server-only';
import { openApi, type Api } from '@monosema/api';
import { environment } from './env.ts';

/** Kept on globalThis, because Next may load this module more than once in a process. */
const holder = globalThis as typeof globalThis & { monosemaApi?: Api };

/** The one api of this process: its database pool, search, queue and listener. */
export const api = (): Api => (holder.monosemaApi ??= openApi({ databaseUrl: environment().DATABASE_URL }));
