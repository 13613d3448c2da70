/** A repository of the hub at a revision. */
export interface RepositoryId {
  readonly kind: 'model' | 'dataset';
  /** As in "openai-community/gpt2"; a few old ones have no owner. */
  readonly name: string;
  /** Branch, tag or commit. */
  readonly revision: string;
}

const repositoryPattern = /^(?:[A-Za-z0-9][\w.-]*\/)?[A-Za-z0-9_][\w.-]*$/;
const revisionPattern = /^(?!.*\.\.)[A-Za-z0-9_][\w./+-]*$/;

/**
 * Reads "owner/name" or "owner/name@revision"; null when the text is no name of a repository.
 *
 * @example parseRepositoryId('model', 'EleutherAI/pythia-70m@step3000') // { kind: "model", name: "EleutherAI/pythia-70m", revision: "step3000" }
 */
export function parseRepositoryId(kind: RepositoryId['kind'], text: string): RepositoryId | null {
  const at = text.indexOf('@');
  const name = at < 0 ? text : text.slice(0, at);
  const revision = at < 0 ? 'main' : text.slice(at + 1);
  if (!repositoryPattern.test(name) || name.length > 192 || /--|\.\./.test(name)) return null;
  return revisionPattern.test(revision) && revision.length <= 255 ? { kind, name, revision } : null;
}

/** Whether a revision is a whole commit hash, which nothing can move. */
export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);

/** How people name it: `model openai-community/gpt2`. */
export const titleOf = ({ kind, name }: RepositoryId): string => `${kind === 'model' ? 'model' : 'data set'} ${name}`;
