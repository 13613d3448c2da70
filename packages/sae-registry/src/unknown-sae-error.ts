import { nearestNames } from './nearest-names.ts';

/** A release or SAE that the registry does not list. Says which names come close. */
export class UnknownSaeError extends Error {
  override readonly name = 'UnknownSaeError';

  constructor(
    message: string,
    /** Names that may have been meant, best first. */
    readonly suggestions: readonly string[],
  ) {
    super(message);
  }
}

/** The error for a `wrong` name among `names`, most of which it does not print. */
export function unknownName(what: string, wrong: string, names: readonly string[]): UnknownSaeError {
  const nearest = nearestNames(wrong, names, 3);
  const hint = nearest.length > 0 ? `did you mean ${nearest.join(', ')}?` : `there is ${excerpt(names)}`;
  return new UnknownSaeError(`${what} "${wrong}"; ${hint}`, nearest);
}

const excerpt = (names: readonly string[]): string =>
  names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
