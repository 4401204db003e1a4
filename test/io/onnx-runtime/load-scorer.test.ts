import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { predict } from '../../../src/core/models/predict.ts';
import { column, FLOAT, INT64, initializer, modelFile, node, STRING } from '../../../src/core/onnx/model.ts';
import {
  join as bytesOf,
  integerField,
  integersField,
  messageField,
  textField,
} from '../../../src/core/onnx/wire.ts';
import { DriftwatchError, type ErrorCode } from '../../../src/errors.ts';
import { loadScorer } from '../../../src/io/onnx-runtime/load-scorer.ts';
import { columnsOf, rowsOf, sha256, trainedModel } from './models.ts';

const trained = trainedModel();

function refuses(code: ErrorCode, message: RegExp) {
  return (error: unknown) =>
    error instanceof DriftwatchError && error.code === code && message.test(error.message);
}

async function rejects(bytes: Uint8Array, message: RegExp): Promise<void> {
  await assert.rejects(loadScorer({ bytes, sha256: sha256(bytes) }), refuses('MODEL_REJECTED', message));
}

test('a loaded model answers what the own predictor answers, over several chunks of rows', async () => {
  const scorer = await loadScorer(trained);
  assert.deepEqual(scorer.info, {
    sha256: trained.sha256,
    producer: 'driftwatch',
    bytes: trained.bytes.length,
    output: 'probability',
    width: 1,
  });
  assert.deepEqual(scorer.inputs, [
    { name: 'hour', kind: 'numeric' },
    { name: 'carrier', kind: 'categorical' },
  ]);
  const rows = rowsOf(9000, 2);
  const scores = await scorer.score(columnsOf(rows));
  const own = predict(trained.model, rows);
  assert.equal(scores.length, 9000);
  scores.forEach((score, row) => {
    assert.ok(Math.abs(score - (own[row] ?? Number.NaN)) < 1e-6);
  });
  assert.equal((await scorer.score(columnsOf(rowsOf(0, 1)))).length, 0);
  await scorer.close();
});

test('many requests at once get their own answers', async () => {
  const scorer = await loadScorer(trained);
  const requests = Array.from({ length: 30 }, (_, at) => rowsOf(at + 1, at));
  const answers = await Promise.all(requests.map((rows) => scorer.score(columnsOf(rows))));
  answers.forEach((answer, at) => {
    const own = predict(trained.model, requests[at] ?? rowsOf(0, 0));
    assert.equal(answer.length, at + 1);
    answer.forEach((score, row) => {
      assert.ok(Math.abs(score - (own[row] ?? Number.NaN)) < 1e-6);
    });
  });
  await scorer.close();
});

test('a file whose hash is not the one of the manifest is rejected', async () => {
  const changed = trained.bytes.slice();
  changed[100] = (changed[100] ?? 0) ^ 1;
  await assert.rejects(
    loadScorer({ bytes: changed, sha256: trained.sha256 }),
    refuses('MODEL_REJECTED', /sha256/),
  );
});

test('bytes that change after the check are not the ones that are loaded', async () => {
  const bytes = trained.bytes.slice();
  const loading = loadScorer({ bytes, sha256: trained.sha256 });
  bytes.fill(0);
  const scorer = await loading;
  const rows = rowsOf(5, 3);
  assert.ok((await scorer.score(columnsOf(rows))).every((score) => score > 0));
  await scorer.close();
});

test('a model that points at a file in the working directory is rejected before the runtime sees it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'driftwatch-model-'));
  const before = process.cwd();
  try {
    writeFileSync(join(directory, 'weights.bin'), Buffer.from(Float32Array.from([5]).buffer));
    process.chdir(directory);
    const entry = (key: string, value: string) => messageField(13, [textField(1, key), textField(2, value)]);
    const outside = bytesOf([
      integersField(1, [1]),
      integerField(2, FLOAT),
      textField(8, 'w'),
      entry('location', 'weights.bin'),
      integerField(14, 1),
    ]);
    await rejects(file({ weights: outside }), /data outside the file/);
  } finally {
    process.chdir(before);
    rmSync(directory, { recursive: true });
  }
});

test('other operators, other shapes and other outputs are rejected with the reason', async () => {
  await rejects(Buffer.from('no model'), /make no sense|unknown field/);
  await rejects(file({ operator: 'NoSuchOperator' }), /the runtime refused it/);
  await rejects(file({ output: 'score' }), /no float output called probability or prediction/);
  await rejects(file({ inputType: INT64 }), /input "a" is of type int64/);
  await rejects(file({ inputType: STRING }), /the runtime refused it/);
  const fixed = [messageField(1, [integerField(1, 5)]), messageField(1, [integerField(1, 1)])];
  const input = bytesOf([
    textField(1, 'a'),
    messageField(2, [messageField(1, [integerField(1, FLOAT), messageField(2, fixed)])]),
  ]);
  await rejects(file({ input }), /input "a" has shape \[5, 1\]/);
});

test('a column that is absent or of another length is a bug of the caller, named', async () => {
  const scorer = await loadScorer(trained);
  const rows = columnsOf(rowsOf(3, 1));
  await assert.rejects(
    scorer.score({ ...rows, numeric: {} }),
    refuses('INVARIANT_BROKEN', /3 values of the numeric column "hour", but was given none/),
  );
  await assert.rejects(
    scorer.score({ ...rows, categorical: { carrier: ['c1'] } }),
    refuses('INVARIANT_BROKEN', /categorical column "carrier", but was given 1/),
  );
  await scorer.close();
  await scorer.close();
  await assert.rejects(scorer.score(rows), refuses('INVARIANT_BROKEN', /closed/));
});

/** probability = a + w, with single parts replaced. */
function file(parts: {
  weights?: Uint8Array;
  operator?: string;
  output?: string;
  inputType?: number;
  input?: Uint8Array;
}): Uint8Array {
  const output = parts.output ?? 'probability';
  return modelFile({
    nodes: [node({ operator: parts.operator ?? 'Add', inputs: ['a', 'w'], output })],
    initializers: [parts.weights ?? initializer('w', [1], [2])],
    inputs: [parts.input ?? column('a', parts.inputType ?? FLOAT)],
    outputs: [column(output, FLOAT)],
  });
}
