/** Counts attempts by key over a time window, in this process. */
export class AttemptLimit {
  private readonly begun = new Map<string, number[]>();

  /**
   * @param options.most attempts in the window
   * @param options.windowMs how long an attempt counts
   * @param options.keys keys remembered at most; the oldest go first
   */
  constructor(
    private readonly options: { most: number; windowMs: number; keys: number } = {
      most: 10,
      windowMs: 300_000,
      keys: 10_000,
    },
    private readonly now: () => number = Date.now,
  ) {}

  /** Counts an attempt; false when there were too many. Counting before the check keeps parallel guesses out. */
  begin(key: string): boolean {
    const { most, windowMs, keys } = this.options;
    const since = this.now() - windowMs;
    const recent = (this.begun.get(key) ?? []).filter((time) => time > since);
    if (recent.length >= most) return false;
    recent.push(this.now());
    this.begun.delete(key);
    this.begun.set(key, recent);
    if (this.begun.size > keys) this.begun.delete(this.begun.keys().next().value!);
    return true;
  }

  /** Starts anew for a key, as after a success. */
  forget(key: string): void {
    this.begun.delete(key);
  }
}
