import 'server-only';
import { cache } from 'react';
import { createCaller } from '@monosema/api';
import { api } from './api.ts';
import { currentUser } from './user.ts';

/**
 * Calls procedures from server components as the signed-in person, without HTTP. One per request.
 *
 * @example const models = await (await serverCaller()).model.list();
 * @throws TRPCError from the procedures; see `orNotFound` for pages
 */
export const serverCaller = cache(async () => createCaller(api().contextFor(await currentUser())));

/** The same as nobody: for pages that may be cached for everyone. Reads no cookie. */
export const publicCaller = () => createCaller(api().contextFor(null));
