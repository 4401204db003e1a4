import { type Dataset, takeRows } from '../../src/core/models/dataset.ts';
import { columnsOfDataset } from '../../src/core/models/scoring-columns.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { ReplayPorts } from './ports.ts';

/** Answers of a stored version to some rows, by the runtime that serves, after the checks that a server makes. */
export async function scoreRows(args: {
  ports: Pick<ReplayPorts, 'store' | 'openScorer'>;
  version: { readonly version: string; readonly uri: string; readonly sha256: string };
  rows: Dataset;
}): Promise<Float32Array> {
  const { ports, version, rows } = args;
  const stored = await ports.store.readVersion(version);
  if (stored.status === 'bad') throw missing(version.version, stored.why);
  if (rows.rows === 0) return new Float32Array(0);
  const few = takeRows(
    rows,
    Array.from({ length: Math.min(SAMPLE_ROWS, rows.rows) }, (_, row) => row),
  );
  const inputs = stored.manifest.inputs;
  const scorer = await ports.openScorer({
    path: stored.path,
    sha256: version.sha256,
    sample: columnsOfDataset(few, inputs),
  });
  try {
    return await scorer.score(columnsOfDataset(rows, scorer.inputs));
  } finally {
    await scorer.close();
  }
}

function missing(version: string, why: string): DriftwatchError {
  return new DriftwatchError({
    code: 'MODEL_REJECTED',
    message: `The version ${version} cannot be replayed: ${why}.`,
    next: 'Name the model store with DRIFTWATCH_STORE, or restore the folder of the version.',
  });
}

const SAMPLE_ROWS = 16;
