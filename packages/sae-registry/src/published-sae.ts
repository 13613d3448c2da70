/** A set of SAEs that were published together, under the name that SAELens gives it. */
export interface SaeRelease {
  readonly release: string;
  /** On the Hugging Face hub: `owner/name`. */
  readonly repository: string;
  /** The model that they were trained on, as SAELens calls it. */
  readonly model: string;
  /** SAELens's name for the layout of the files; `sae_lens` is its own. */
  readonly loader: string;
  /** What the files say wrongly or not at all, in the terms of SAELens's configs. */
  readonly overrides: Readonly<Record<string, unknown>>;
  /** Pages about the release: `model`, `dashboards`, `publication`. */
  readonly links: Readonly<Record<string, string>>;
  readonly saes: readonly PublishedSae[];
}

/** One published SAE. What nobody stated is null. */
export interface PublishedSae {
  readonly saeId: string;
  /** Its folder or file in the release's repository. */
  readonly path: string;
  /** Features active per token, as its authors or SAELens measured it. */
  readonly l0: number | null;
  /** Share of the variance that it explains, at most 1; below 0 where it is worse than the mean. */
  readonly explainedVariance: number | null;
  /** `{model}/{source}` of Neuronpedia, e.g. `gpt2-small/8-res-jb`. */
  readonly neuronpediaId: string | null;
  /** What inputs were multiplied by in training, where the files leave that open. */
  readonly inputScale: number | null;
}

/** A published SAE together with the release that it belongs to. */
export interface RegistryEntry {
  readonly release: SaeRelease;
  readonly sae: PublishedSae;
}
