/**
 * A trained model as plain data (it survives JSON): what is done to each input, the estimator over
 * the resulting columns, and the calibration of its score. Preprocessing is part of the model and
 * is exported inside the ONNX graph, so training and serving cannot differ.
 *
 * Columns of the estimator, in order: every numeric input (its value, then its missing column if it has one;
 * or hour and weekday), then every categorical input (one code, or its one-hot or hashed columns).
 * Numbers that the runtime compares or adds are float32 values, because the runtime works in float32.
 */
export interface Model {
  readonly format: 1;
  readonly task: Task;
  readonly numeric: readonly NumericInput[];
  readonly categorical: readonly CategoricalInput[];
  readonly estimator: Linear | TreeEnsemble | ClassTrees;
  readonly calibration: Calibration;
}

/** Classification answers P(label = 1), regression a number, multiclass the probability of each label 0, 1, ... */
export type Task = 'classification' | 'regression' | 'multiclass';

export type NumericInput =
  | { readonly treatment: 'as-is'; readonly name: string }
  | {
      /** Missing becomes `fill`; then (x - mean) * scale, kept within [-limit, limit]. */
      readonly treatment: 'standardise';
      readonly name: string;
      readonly fill: number;
      readonly mean: number;
      readonly scale: number;
      readonly limit: number;
      /** Adds a column that is 1 where the value was missing. */
      readonly missingColumn: boolean;
    }
  | {
      /** Hour of the day and day of the week of a time in milliseconds since 1970, as numbers or one-hot. */
      readonly treatment: 'time';
      readonly name: string;
      readonly form: 'numbers' | 'one-hot';
    };

/** One number per category: smoothed target mean, or share of rows. */
export interface Codes {
  readonly treatment: 'codes';
  readonly name: string;
  readonly categories: readonly string[];
  readonly codes: readonly number[];
  readonly missing: number;
  readonly unseen: number;
}

export type CategoricalInput =
  | Codes
  | {
      /** A code per category and class, the smoothed share of the class: one column per class. */
      readonly treatment: 'class-codes';
      readonly name: string;
      readonly classes: readonly Omit<Codes, 'treatment' | 'name'>[];
    }
  | {
      /** One column per category, then one for any other value, then one for missing. */
      readonly treatment: 'one-hot';
      readonly name: string;
      readonly categories: readonly string[];
    }
  | {
      /** One column per bucket that categories are hashed to, then one for missing. */
      readonly treatment: 'hashed';
      readonly name: string;
      readonly buckets: number;
    };

/** score = intercept + sum of weight * column. */
export interface Linear {
  readonly kind: 'linear';
  readonly weights: readonly number[];
  readonly intercept: number;
}

/** score = base + sum over trees of the leaf that the row falls into. */
export interface TreeEnsemble {
  readonly kind: 'trees';
  readonly base: number;
  readonly trees: readonly Tree[];
}

/** An ensemble per class; the softmax of their scores is the probability of each. */
export interface ClassTrees {
  readonly kind: 'class-trees';
  readonly classes: readonly Omit<TreeEnsemble, 'kind'>[];
}

/** Node 0 is the root. A node with left = -1 is a leaf and `value` is its answer. */
export interface Tree {
  readonly column: readonly number[];
  /** A row goes left when its value <= threshold. */
  readonly threshold: readonly number[];
  readonly missingLeft: readonly boolean[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly value: readonly number[];
}

/** From score to probability; regression has none. `none` is the logistic function of the score. */
export type Calibration =
  | { readonly method: 'none' }
  | { readonly method: 'platt'; readonly slope: number; readonly intercept: number }
  | {
      /** Straight lines between knots of ascending score; flat outside. */
      readonly method: 'isotonic';
      readonly scores: readonly number[];
      readonly probabilities: readonly number[];
    };

/** What training answers: a model, or why there is none. */
export type Trained =
  | {
      readonly status: 'trained';
      readonly model: Model;
      readonly rows: number;
      readonly history: readonly Round[];
    }
  | {
      readonly status: 'insufficient';
      readonly reason: TrainingReason;
      readonly need: number;
      readonly have: number;
    };

/** Why there can be no model: rows, classes (need 2), features (need 1), or rows with a usable label. */
export type TrainingReason = 'rows' | 'classes' | 'features' | 'labels';

/** One round of training: mean loss on the training rows, and on the validation rows if given. */
export interface Round {
  readonly round: number;
  readonly loss: number;
  readonly validationLoss?: number;
}
