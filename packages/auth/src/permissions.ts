/** As much of a person as a permission asks for; null is a visitor. */
export type Actor = { id: string; role: 'member' | 'admin' } | null;

/** Everything that not everybody may do. What belongs to somebody names its owner. */
export type Action =
  | { kind: 'launch-run' }
  | { kind: 'cancel-run'; createdBy: string | null }
  | { kind: 'write-label' }
  | { kind: 'vote-label' }
  | { kind: 'hide-label'; authorId: string };

/**
 * The one place that says who may do what.
 *
 * @example can(user, { kind: 'cancel-run', createdBy: run.createdBy })
 */
export function can(actor: Actor, action: Action): boolean {
  if (!actor) return false;
  if (actor.role === 'admin') return true;
  switch (action.kind) {
    case 'launch-run':
    case 'write-label':
    case 'vote-label':
      return true;
    case 'cancel-run':
      return action.createdBy === actor.id;
    case 'hide-label':
      return action.authorId === actor.id;
  }
}
