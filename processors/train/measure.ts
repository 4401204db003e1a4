import type { ModelInput } from '../../src/core/contract/model-inputs.ts';
import { type Dataset, takeRows } from '../../src/core/models/dataset.ts';
import { columnsOfDataset } from '../../src/core/models/scoring-columns.ts';
import { rocAuc } from '../../src/core/performance/roc-auc.ts';
import { rowLogLoss } from '../../src/core/performance/row-log-loss.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { Scorer } from '../../src/io/onnx-runtime/scorer.ts';
import { lossBaseline } from './compare-challenger.ts';
import type { TrainPorts } from './ports.ts';

/** A model file on the validation rows, scored as a server would score them. */
export type Measured = MeasuredModel | { readonly status: 'refused'; readonly why: string };

export interface MeasuredModel {
  readonly status: 'measured';
  readonly predictions: Float32Array;
  /** Log-loss per row, nats. */
  readonly losses: Float64Array;
  readonly mean: number;
  readonly sd: number;
  /** Null when the rows have one class only. */
  readonly rocAuc: number | null;
  readonly sha256: string;
  readonly bytes: number;
  readonly inputs: readonly ModelInput[];
}

/**
 * Scores the rows through the runtime that serving uses. A file that the runtime's checks refuse, or that
 * answers with something that is no probability, is `refused`; an outage is thrown.
 */
export async function measure(args: {
  openScorer: TrainPorts['openScorer'];
  path: string;
  rows: Dataset;
}): Promise<Measured> {
  const opened = await open(args);
  if ('why' in opened) return opened;
  const { scorer } = opened;
  try {
    if (scorer.info.output !== 'probability')
      return refused('it answers with numbers, not with probabilities');
    const predictions = await scorer.score(columnsOfDataset(args.rows, scorer.inputs));
    const strange = predictions.findIndex((value) => !(value >= 0 && value <= 1));
    if (strange >= 0) return refused(`it answers row ${strange} with ${predictions[strange]}`);
    const { label } = args.rows;
    const losses = Float64Array.from(label, (value, row) => rowLogLoss(predictions[row] ?? 0.5, value));
    const baseline = lossBaseline(losses);
    if (baseline === undefined) return refused(`there are ${losses.length} rows to measure it on`);
    const area = rocAuc({ predictions, labels: label });
    return {
      status: 'measured',
      predictions,
      losses,
      mean: baseline.mean,
      sd: baseline.sd,
      rocAuc: area.status === 'ok' ? area.value : null,
      sha256: scorer.info.sha256,
      bytes: scorer.info.bytes,
      inputs: scorer.inputs,
    };
  } finally {
    await scorer.close();
  }
}

async function open(
  args: Parameters<typeof measure>[0],
): Promise<{ scorer: Scorer } | { status: 'refused'; why: string }> {
  const { rows } = args;
  const few = takeRows(
    rows,
    Array.from({ length: Math.min(SAMPLE_ROWS, rows.rows) }, (_, row) => row),
  );
  const everyInput = [
    ...rows.numeric.map(({ name }) => ({ name, kind: 'numeric' as const })),
    ...rows.categorical.map(({ name }) => ({ name, kind: 'categorical' as const })),
  ];
  try {
    return { scorer: await args.openScorer({ path: args.path, sample: columnsOfDataset(few, everyInput) }) };
  } catch (error) {
    if (error instanceof DriftwatchError && error.code === 'MODEL_REJECTED') return refused(error.message);
    throw error;
  }
}

function refused(why: string): { status: 'refused'; why: string } {
  return { status: 'refused', why };
}

const SAMPLE_ROWS = 16;
