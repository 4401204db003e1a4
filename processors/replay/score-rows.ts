import { type Dataset, takeRows } from '../../src/core/models/dataset.ts';
import type { Task } from '../../src/core/models/model.ts';
import { columnsOfDataset } from '../../src/core/models/scoring-columns.ts';
import type { RowScores } from '../../src/core/performance/row-loss.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { ReplayPorts } from './ports.ts';

/** What a version says of some rows: `width` numbers per row, of classes one for each of `classes`. */
export interface Scored extends RowScores {
  readonly scores: Float32Array;
  readonly classes?: readonly string[];
  readonly task: Task;
}

/** Answers of a stored version to some rows, by the runtime that serves, after the checks that a server makes. */
export async function scoreVersion(args: ScoreArgs): Promise<Scored> {
  const { ports, version, rows } = args;
  const stored = await ports.store.readVersion(version);
  if (stored.status === 'bad') throw missing(version.version, stored.why);
  const { inputs, classes, task = 'classification' } = stored.manifest;
  const named = classes === undefined ? { task } : { task, classes };
  if (rows.rows === 0) return { scores: new Float32Array(0), width: classes?.length ?? 1, ...named };
  const few = takeRows(
    rows,
    Array.from({ length: Math.min(SAMPLE_ROWS, rows.rows) }, (_, row) => row),
  );
  const scorer = await ports.openScorer({
    path: stored.path,
    sha256: version.sha256,
    sample: columnsOfDataset(few, inputs),
  });
  try {
    const scores = await scorer.score(columnsOfDataset(rows, scorer.inputs));
    return { scores, width: scorer.info.width, ...named };
  } finally {
    await scorer.close();
  }
}

interface ScoreArgs {
  readonly ports: Pick<ReplayPorts, 'store' | 'openScorer'>;
  readonly version: { readonly version: string; readonly uri: string; readonly sha256: string };
  readonly rows: Dataset;
}

function missing(version: string, why: string): DriftwatchError {
  return new DriftwatchError({
    code: 'MODEL_REJECTED',
    message: `The version ${version} cannot be replayed: ${why}.`,
    next: 'Name the model store with DRIFTWATCH_STORE, or restore the folder of the version.',
  });
}

const SAMPLE_ROWS = 16;
