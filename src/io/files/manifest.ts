import { z } from 'zod';
import { TRAINING_DATA_CHECKS } from '../../core/training-data/check.ts';

const CHECKED = {
  check: z.enum(TRAINING_DATA_CHECKS),
  feature: z.string().optional(),
};

/** What the checks of the training data said. `reasons` is empty in every version that was trained. */
const DATA_CHECKS = z.object({
  checks: z.number(),
  /** Version whose training data they were compared with, null when none could be read: see `not_compared`. */
  compared_with: z.string().nullable(),
  not_compared: z.string().optional(),
  reasons: z.array(z.string()),
  warnings: z.array(
    z.object({
      ...CHECKED,
      detail: z.string(),
      numbers: z.record(z.string(), z.number()),
      n: z.number(),
    }),
  ),
  insufficient: z.array(z.object({ ...CHECKED, need: z.number(), have: z.number(), why: z.string() })),
});

/**
 * `manifest.json` beside every model.onnx: where the model comes from, what it was measured on, and a few
 * rows with their predictions that a server repeats before it lets traffic in.
 */
export const MANIFEST = z.object({
  format: z.literal(1),
  model: z.string(),
  version: z.string(),
  status: z.enum(['accepted', 'rejected']),
  reasons: z.array(z.string()),
  /** Stream time of the decision, ISO 8601, as all times here. */
  created: z.string(),
  sha256: z.string(),
  bytes: z.number(),
  /** Classification when absent: versions from before there were others. */
  task: z.enum(['classification', 'regression', 'multiclass']).optional(),
  /** Classes in the order that the model answers in; absent for other tasks. */
  classes: z.array(z.string()).optional(),
  inputs: z.array(z.object({ name: z.string(), kind: z.enum(['numeric', 'categorical']) })),
  snapshot: z.object({
    uri: z.string(),
    sha256: z.string(),
    rows: z.number(),
    query: z.string(),
    table: z.string(),
    columns: z.array(z.string()),
    topic: z.string(),
    partitions: z.array(z.number()),
    first_offsets: z.array(z.number()),
    end_offsets: z.array(z.number()),
    from: z.string(),
    until: z.string(),
    schema_ids: z.array(z.number()),
  }),
  training: z.object({
    trainer: z.string(),
    seed: z.number(),
    config: z.record(z.string(), z.json()),
    rows: z.number(),
    positives: z.number(),
    purged: z.number(),
    until: z.string(),
    metrics: z.record(z.string(), z.object({ value: z.number(), n: z.number() })),
  }),
  validation: z.object({
    from: z.string(),
    rows: z.number(),
    positives: z.number(),
    log_loss: z.number(),
    log_loss_sd: z.number(),
    /** Null when the rows have one class only. */
    roc_auc: z.number().nullable(),
    /** Mean squared error of a regression, in the label's unit squared: the variance behind its log-loss. */
    squared_error: z.number().optional(),
  }),
  /** Absent in versions from before there was a gate. */
  data_checks: DATA_CHECKS.optional(),
  /** Null for the first version. */
  comparison: z
    .object({
      champion: z.string(),
      log_loss: z.number(),
      roc_auc: z.number().nullable(),
      improvement: z.number(),
      standard_error: z.number(),
      margin: z.number(),
      rows: z.number(),
    })
    .nullable(),
  lineage: z.object({
    request_id: z.string(),
    incident_id: z.string().nullable(),
    cause: z.string(),
    parent: z.string().nullable(),
  }),
  golden: z.object({
    tolerance: z.number(),
    rows: z.array(
      z.object({
        numeric: z.record(z.string(), z.number().nullable()),
        categorical: z.record(z.string(), z.string().nullable()),
        prediction: z.union([z.number(), z.array(z.number())]),
      }),
    ),
  }),
  code_version: z.string(),
});

export type Manifest = z.infer<typeof MANIFEST>;
