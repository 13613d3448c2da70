/** A program that does not fit together: thrown while it is traced. Names the op and the shapes. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** Arrays that do not fit a program's inputs: names the input, its dtype, the expected and the given shape. */
export class FeedError extends Error {
  override readonly name = 'FeedError';
}

/** An engine that is unknown, unavailable, closed or crashed, or a program that it could not compile or run. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}
