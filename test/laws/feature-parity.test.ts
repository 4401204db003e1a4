import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Dataset } from '../../src/core/models/dataset.ts';
import { designMatrix, designWidth, type Inputs } from '../../src/core/models/design-matrix.ts';
import { trainGradientBoosting } from '../../src/core/models/gradient-boosting.ts';
import { trainLogisticRegression } from '../../src/core/models/logistic-regression.ts';
import { columnsOfRecords } from '../../src/core/models/scoring-columns.ts';
import { checkOnnx } from '../../src/core/onnx/check-onnx.ts';
import { exportFeatures } from '../../src/core/onnx/export-model.ts';
import { seededRandom } from '../../src/core/random.ts';
import { CATEGORICAL, NUMERIC } from '../fixtures/models/flights.ts';

/** The law: on real rows the features that training sees and those that serving sees are the same, bit for bit. */
const FILE = new URL('../../deploy/demo/data/flights-2013.parquet', import.meta.url);
const TIME = 'scheduled_departure';

async function flights(): Promise<Record<string, unknown>[]> {
  const file = await asyncBufferFromFile(FILE.pathname);
  const compressors = { ZSTD: (page: Uint8Array) => zstdDecompressSync(page) };
  const rows = await parquetReadObjects({ file, rowEnd: 200_000, compressors });
  return rows.filter((_, row) => row % 40 === 0);
}

const records = await flights();
const number = (value: unknown): number =>
  value instanceof Date ? value.getTime() : typeof value === 'number' ? value : Number.NaN;
const rows: Dataset = {
  rows: records.length,
  numeric: [TIME, ...NUMERIC].map((name) => ({
    name,
    values: Float64Array.from(records, (row) => number(row[name])),
  })),
  categorical: CATEGORICAL.map((name) => ({
    name,
    values: records.map((row) => (typeof row[name] === 'string' ? row[name] : null)),
  })),
  label: Float64Array.from(records, (row) => (row['late'] === true || row['late'] === 1 ? 1 : 0)),
};

function boosted(encoding: 'target' | 'frequency' | 'one-hot' | 'hashing'): Inputs {
  const options = { rounds: 1, encoding, buckets: 20, timeFeatures: [TIME] };
  const trained = trainGradientBoosting({ train: rows, options, random: seededRandom(1) });
  assert.ok(trained.status === 'trained');
  return trained.model;
}

/** The hour of the day in four classes is what is to be told: codes per class, or one per category. */
function classed(encoding: 'target' | 'auto'): Inputs {
  const hours = rows.numeric.find(({ name }) => name === 'scheduled_hour')?.values ?? new Float64Array(0);
  const train = { ...rows, label: hours.map((hour) => Math.floor(hour / 6)) };
  const options = { task: 'multiclass', rounds: 1, encoding } as const;
  const trained = trainGradientBoosting({ train, options, random: seededRandom(1) });
  assert.ok(trained.status === 'trained');
  return trained.model;
}

function regressed(encoding: 'one-hot' | 'hashing'): Inputs {
  const options = { encoding, timeFeatures: [TIME], maxRounds: 1 };
  const trained = trainLogisticRegression({ train: rows, options });
  assert.ok(trained.status === 'trained');
  return trained.model;
}

const CASES: Record<string, () => Inputs> = {
  'boosting, target codes': () => boosted('target'),
  'boosting, frequency codes': () => boosted('frequency'),
  'boosting, one-hot': () => boosted('one-hot'),
  'boosting, hashing': () => boosted('hashing'),
  'multiclass boosting, codes per class': () => classed('target'),
  'multiclass boosting, sets of categories': () => classed('auto'),
  'logistic regression, one-hot': () => regressed('one-hot'),
  'logistic regression, hashing': () => regressed('hashing'),
};

for (const [name, fit] of Object.entries(CASES)) {
  test(`features of training and serving are the same on 5,000 real rows: ${name}`, async () => {
    const inputs = fit();
    const training = designMatrix(inputs, rows);
    const serving = await served(inputs);
    assert.deepEqual(
      [training.length, serving.length],
      [designWidth(inputs), designWidth(inputs) * rows.rows],
    );
    assert.equal(differing(training, serving), 0);
    // A transform that is off by one float32 step in one feature is seen.
    const off = training.map((column, at) =>
      at === 3 ? column.map((value) => value + Math.abs(value) * 2 ** -23) : column,
    );
    assert.ok(differing(off, serving) > 0);
  });
}

/** Features of the exported graph, for records as a server gets them. */
async function served(inputs: Inputs): Promise<Float32Array> {
  const wanted = [
    ...inputs.numeric.map((input) => ({ name: input.name, kind: 'numeric' as const })),
    ...inputs.categorical.map((input) => ({ name: input.name, kind: 'categorical' as const })),
  ];
  const columns = columnsOfRecords(records, wanted);
  const feeds: Record<string, Tensor> = {};
  for (const { name, kind } of wanted) {
    const shape = [rows.rows, 1];
    feeds[name] =
      kind === 'numeric'
        ? new Tensor('float32', columns.numeric[name] ?? new Float32Array(0), shape)
        : new Tensor('string', columns.categorical[name] ?? [], shape);
  }
  const bytes = exportFeatures(inputs);
  const checked = checkOnnx(bytes);
  assert.equal(checked.status, 'ok', checked.status === 'refused' ? checked.reasons.join() : '');
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const data = (await session.run(feeds))['features']?.data;
  await session.release();
  assert.ok(data instanceof Float32Array);
  return data;
}

function differing(training: readonly Float32Array[], serving: Float32Array): number {
  let count = 0;
  training.forEach((column, at) => {
    column.forEach((value, row) => {
      if (!Object.is(value, serving[row * training.length + at])) count += 1;
    });
  });
  return count;
}
