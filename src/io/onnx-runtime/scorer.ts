/** A loaded model that scores rows. Owns native memory until closed. */
export interface Scorer {
  readonly info: ScorerInfo;
  readonly inputs: readonly ScorerInput[];
  /**
   * P(label = 1) per row, the predicted number of a regression model, or the probabilities of the classes, `width` per
   * row, row after row. Throws INVARIANT_BROKEN when a column is absent or not `rows` long: the caller fills what a
   * request left out with missing values.
   */
  score(columns: Columns): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface ScorerInfo {
  /** Hash of the model file, hexadecimal. */
  readonly sha256: string;
  readonly producer: string;
  readonly bytes: number;
  /** Name of the output that `score` answers with. */
  readonly output: ScorerOutput;
  /** Numbers per row: 1, or one per class. */
  readonly width: number;
  /** Names of the classes, in the order of the numbers, where whoever opened it knows them. */
  readonly classes?: readonly string[];
}

export type ScorerOutput = 'probability' | 'prediction' | 'probabilities';

export interface ScorerInput {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
}

/** Rows to score by feature name. NaN and '' are missing values. */
export interface Columns {
  readonly rows: number;
  readonly numeric: Readonly<Record<string, Float32Array>>;
  readonly categorical: Readonly<Record<string, readonly string[]>>;
}
