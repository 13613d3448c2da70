/** What an import says, one thing at a time, in the order of its files. */
export type ImportRecord =
  | ReleaseRecord
  | ModelRecord
  | SourceSetRecord
  | SourceRecord
  | ImportedFeature
  | ImportedExample
  | ImportedLabel
  | SkippedFeatures
  | FinishedFile;

/** A row of a metadata file, with the column names of Neuronpedia; unknown columns are kept as they are. */
export type Row = Record<string, unknown>;

/** The source that the rows of a file must be of. */
export interface RowOwner {
  readonly modelId: string;
  readonly sourceId: string;
}

export interface ReleaseRecord {
  readonly kind: 'release';
  readonly row: Row & { readonly name: string };
}

export interface ModelRecord {
  readonly kind: 'model';
  /** Its `layers` and `neuronsPerLayer` are 0 in the exports of SAEDashboard, which does not know them. */
  readonly row: Row & { readonly id: string };
}

export interface SourceSetRecord {
  readonly kind: 'source-set';
  readonly row: Row & { readonly modelId: string; readonly name: string };
}

export interface SourceRecord {
  readonly kind: 'source';
  readonly row: Row & { readonly modelId: string; readonly id: string };
}

/** Heights over the centres of equal bins. */
export interface ImportedHistogram {
  readonly centres: readonly number[];
  readonly heights: readonly number[];
}

export interface ImportedTokenValue {
  readonly token: string;
  readonly value: number;
}

/** A neuron or feature that correlates with this one over tokens. */
export interface ImportedCorrelation {
  readonly index: number;
  readonly pearson: number;
  /** Neuronpedia names it `l1`. */
  readonly cosine: number;
}

/** What a dashboard says of a feature, without its examples. Numbers are as in the file; NaN where it holds no number. */
export interface ImportedFeature {
  readonly kind: 'feature';
  readonly index: number;
  /** Share of tokens on which it fires, 0 to 1. */
  readonly density: number | null;
  readonly maximum: number | null;
  /** Of positive activations. */
  readonly activationHistogram: ImportedHistogram | null;
  /** Of its effect on the logits of all tokens. */
  readonly logitHistogram: ImportedHistogram | null;
  /** Greatest first. */
  readonly topLogits: readonly ImportedTokenValue[];
  /** Lowest first. */
  readonly bottomLogits: readonly ImportedTokenValue[];
  /** Greatest coordinates of its decoder row, with their share of its L1 norm. */
  readonly neuronAlignment: readonly { readonly index: number; readonly value: number; readonly l1Share: number }[];
  readonly correlatedNeurons: readonly ImportedCorrelation[];
  readonly correlatedFeatures: readonly ImportedCorrelation[];
  /** Share of each attention head in its decoder row, for SAEs of hook_z. */
  readonly headShares: readonly number[];
  readonly nearestFeatures: readonly { readonly index: number; readonly cosine: number }[];
  readonly vector: ImportedVector | null;
  /** What was scanned for its examples, where the feature says so itself. */
  readonly scan: { readonly prompts: number; readonly tokensPerPrompt: number; readonly dataSet: string } | null;
}

/** A steering vector of a feature. */
export interface ImportedVector {
  readonly values: readonly number[];
  readonly label: string | null;
  readonly hookPoint: string | null;
  readonly defaultStrength: number | null;
}

/** Why an example is shown. */
export type ExampleGroup =
  /** One of those with the greatest activations; `maximum` is the feature's. */
  | { readonly kind: 'top'; readonly maximum: number }
  /**
   * Drawn from the tokens whose activation is in [from, to], which are this share: of all tokens in the files of
   * SAEDashboard, of those that fire in those of sae_vis.
   */
  | { readonly kind: 'interval'; readonly from: number; readonly to: number; readonly share: number }
  /** A prompt that somebody chose. */
  | { readonly kind: 'prompt' };

/** A text in which a feature was looked at. All lists run over its tokens, unless they say otherwise. */
export interface ImportedExample {
  readonly kind: 'example';
  readonly index: number;
  readonly id: string | null;
  /** As in the file: see tokens for what they stand for. */
  readonly tokens: readonly string[];
  /** Token ids, where the file has them. */
  readonly tokenIds: readonly number[] | null;
  /** The file's numbers, rounded to float32. */
  readonly values: Float32Array;
  /** Position of the greatest value, the first of equals. */
  readonly position: number;
  readonly group: ExampleGroup | null;
  /** Position of the token for which the example was chosen; −1 when it is the BOS in front that was left out. */
  readonly qualifyingPosition: number | null;
  /** Where the text stands in the data set: its row, and the position of its first token. */
  readonly place: { readonly context: number; readonly position: number } | null;
  readonly attribution: DirectAttribution | null;
  /** Sparse attention of Lorsa: parallel lists over pairs of positions. */
  readonly attentionPairs: AttentionPairs | null;
  /** Effect of ablating the feature on the loss of each token, 0 where it was not measured; empty without. */
  readonly lossEffects: readonly number[];
  /** JSON of Neuronpedia, unread. */
  readonly logitContributions: string | null;
  readonly dataSource: string | null;
  readonly dataIndex: string | null;
}

/** Direct feature attribution of an attention SAE: what each source position contributes at the target. */
export interface DirectAttribution {
  /** Over the example's tokens, or over `tokens` when the sources were cut out of the text differently. */
  readonly values: readonly number[];
  readonly tokens: readonly string[] | null;
  readonly target: number | null;
  readonly maximum: number | null;
}

export interface AttentionPairs {
  readonly keyPositions: readonly number[];
  readonly queryPositions: readonly number[];
  readonly values: readonly number[];
}

/** A text that says what a feature is about. */
export interface ImportedLabel {
  readonly kind: 'label';
  readonly index: number;
  readonly id: string | null;
  readonly text: string;
  readonly authorId: string | null;
  /** How it was made: `oai_token-act-pair`; null for a person's. */
  readonly method: string | null;
  readonly modelName: string | null;
  /** Of the text; 256 numbers of text-embedding-3-large on Neuronpedia. */
  readonly embedding: Float32Array | null;
  readonly map: {
    readonly x: number;
    readonly y: number;
    readonly cluster: number | null;
    readonly logSparsity: number | null;
  } | null;
  readonly notes: string | null;
  readonly createdAt: string | null;
  /** Not in Neuronpedia's own exports; ours carry them. */
  readonly scores: readonly ImportedScore[];
  readonly votes: number | null;
}

export interface ImportedScore {
  readonly value: number;
  readonly type: string;
  readonly modelName: string | null;
  readonly details: string | null;
}

/** Features that were known and have no dashboard. */
export interface SkippedFeatures {
  readonly kind: 'skipped-features';
  readonly indexes: readonly number[];
  /** They fire on fewer tokens than this power of ten. */
  readonly logSparsityThreshold: number | null;
}

/** A file has been read to its end: whoever keeps this can go on behind it after a kill. */
export interface FinishedFile {
  readonly kind: 'file';
  readonly file: string;
  /** As stored, that is compressed where it is. */
  readonly bytes: number;
  readonly sha256: string;
  readonly records: number;
  readonly problems: number;
}
