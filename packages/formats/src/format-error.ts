/** Bytes that are not what their format promises. The message names the format, the tensor and the offending value. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}
