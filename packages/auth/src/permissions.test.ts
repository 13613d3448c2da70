import { expect, test } from 'vitest';
import { can, type Action } from './permissions.ts';

const member = { id: 'usr_a', role: 'member' } as const;
const admin = { id: 'usr_b', role: 'admin' } as const;
const own: Action = { kind: 'cancel-run', createdBy: 'usr_a' };
const foreign: Action = { kind: 'cancel-run', createdBy: 'usr_c' };
const ownerless: Action = { kind: 'cancel-run', createdBy: null };

test.each([
  ['a visitor may nothing', null, { kind: 'launch-run' }, false],
  ['a member launches', member, { kind: 'launch-run' }, true],
  ['a member labels', member, { kind: 'write-label' }, true],
  ['a member cancels their own run', member, own, true],
  ['a member does not cancel another run', member, foreign, false],
  ['nobody owns the first run', member, ownerless, false],
  ['an admin cancels any run', admin, ownerless, true],
  ['an admin hides any label', admin, { kind: 'hide-label', authorId: 'usr_a' }, true],
] as const)('%s', (_, actor, action, allowed) => expect(can(actor, action)).toBe(allowed));
