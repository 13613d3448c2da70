/** An import that can't go on. The message names the file, the place in it and what is wrong or allowed. */
export class ImportError extends Error {
  override readonly name: string = 'ImportError';
}

/** Bytes that are not what their layout promises; unlike those that could not be had. */
export class MalformedError extends ImportError {
  override readonly name = 'MalformedError';
}

/** Something in a file that was left out, and why. The import goes on without it. */
export interface ImportProblem {
  readonly file: string;
  /** `line 12`, `feature 3`; null where the whole file is meant. */
  readonly place: string | null;
  readonly reason: string;
}
