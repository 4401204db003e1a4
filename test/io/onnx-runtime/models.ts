import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Dataset } from '../../../src/core/models/dataset.ts';
import { trainGradientBoosting } from '../../../src/core/models/gradient-boosting.ts';
import type { Model } from '../../../src/core/models/model.ts';
import { exportOnnx } from '../../../src/core/onnx/export-model.ts';
import { seededRandom } from '../../../src/core/random.ts';
import type { Columns } from '../../../src/io/onnx-runtime/scorer.ts';

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function rowsOf(count: number, seed: number): Dataset {
  const random = seededRandom(seed);
  const hour = Float64Array.from({ length: count }, () =>
    random() < 0.1 ? Number.NaN : Math.floor(random() * 24),
  );
  return {
    rows: count,
    numeric: [{ name: 'hour', values: hour }],
    categorical: [{ name: 'carrier', values: Array.from({ length: count }, () => carrier(random() * 9)) }],
    label: hour.map((value) => (random() < (value > 15 ? 0.7 : 0.2) ? 1 : 0)),
  };
}

function carrier(draw: number): string | null {
  return draw < 1 ? null : `c${Math.floor(draw)}`;
}

export function columnsOf(dataset: Dataset): Columns {
  return {
    rows: dataset.rows,
    numeric: Object.fromEntries(dataset.numeric.map(({ name, values }) => [name, Float32Array.from(values)])),
    categorical: Object.fromEntries(
      dataset.categorical.map(({ name, values }) => [name, values.map((value) => value ?? '')]),
    ),
  };
}

/** A trained model and its file. */
export function trainedModel(): { model: Model; bytes: Uint8Array; sha256: string } {
  const trained = trainGradientBoosting({
    train: rowsOf(1000, 1),
    options: { rounds: 10 },
    random: seededRandom(1),
  });
  assert.ok(trained.status === 'trained');
  const bytes = exportOnnx(trained.model);
  return { model: trained.model, bytes, sha256: sha256(bytes) };
}
