/**
 * The text of a row as it comes into being: bytes of tokens in, whole characters out. What may yet turn out to be the start
 * of a stop string is held back, too.
 */
export class WrittenText {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private held = '';
  /** Whether a stop string has come; what followed it is dropped. */
  stopped = false;

  constructor(private readonly stopStrings: readonly string[] = []) {}

  /** Takes the bytes of a token, gives the text that is certain by now. */
  push(piece: Uint8Array): string {
    return this.release(this.decoder.decode(piece, { stream: true }));
  }

  /** The text that was held back, where a character is unfinished with U+FFFD in its place. */
  finish(): string {
    return this.release(this.decoder.decode()) + this.held;
  }

  private release(more: string): string {
    this.held += more;
    const found = this.stopStrings.map((stop) => this.held.indexOf(stop)).filter((at) => at >= 0);
    this.stopped ||= found.length > 0;
    const end = found.length > 0 ? Math.min(...found) : this.held.length - this.undecided();
    const certain = this.held.slice(0, end);
    this.held = this.stopped ? '' : this.held.slice(end);
    return certain;
  }

  /** Length of the longest end of the text that begins a stop string. */
  private undecided(): number {
    const longest = Math.max(0, ...this.stopStrings.map((stop) => stop.length - 1));
    for (let length = Math.min(longest, this.held.length); length > 0; length--)
      if (this.stopStrings.some((stop) => stop.startsWith(this.held.slice(this.held.length - length)))) return length;
    return 0;
  }
}
