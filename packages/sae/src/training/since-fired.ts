/** Counts for each latent the steps since it last fired. */
export class SinceFired {
  constructor(
    readonly steps: Int32Array,
    private readonly deadAfter: number,
  ) {}

  /** 1 for each latent that counts as dead, [d_sae]. */
  dead(): Uint8Array {
    return Uint8Array.from(this.steps, (steps) => Number(steps >= this.deadAfter));
  }

  /** Latents that are new, and so not dead yet. */
  forget(latents: readonly number[]): void {
    for (const latent of latents) this.steps[latent] = 0;
  }

  update(fired: ArrayLike<number>): void {
    for (let feature = 0; feature < this.steps.length; feature++)
      this.steps[feature] = fired[feature] ? 0 : this.steps[feature]! + 1;
  }
}
