/** Files that are no SAE, or one of a kind that is not read. Names the file, the field or tensor, and what is allowed. */
export class SaeFormatError extends Error {
  override readonly name = 'SaeFormatError';
}
