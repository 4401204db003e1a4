import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { computeReceipts } from '../../../processors/replay/compute-receipts.ts';
import type { Contracts } from '../../../processors/replay/ports.ts';
import { readWindow } from '../../../processors/replay/read-window.ts';
import type { DecidedVersion } from '../../../processors/train/release.ts';
import { rawTableName } from '../../../src/core/contract/raw-table.ts';
import { columnsOfRecords } from '../../../src/core/models/scoring-columns.ts';
import { answersOf } from '../../../src/core/performance/answers.ts';
import { rowLogLoss } from '../../../src/core/performance/row-log-loss.ts';
import { eventId } from '../../../src/core/uuid.ts';
import { ensureRawTable } from '../../../src/io/clickhouse/ensure-raw-table.ts';
import { readServedRows } from '../../../src/io/files/read-served-rows.ts';
import { openScorer } from '../../../src/io/onnx-runtime/open-scorer.ts';
import { type Loop, storeRows, trainNow } from '../../fixtures/loop.ts';
import { taskLoop } from '../../fixtures/task-loop.ts';
import { GRADES, type OtherTask, type TaskRow, taskRows } from '../../fixtures/tasks.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const RELEASED = START + 56 * DAY;

test('a receipt of classes says what the release gained in log-loss, by the probability of the class that came', async (t) => {
  const { scored, receipt, rows, served } = await released(t, 'multiclass');
  const places = rows.map(({ grade }) => GRADES.indexOf(grade));
  assert.deepEqual([...served.dataset.label], places);
  const [before, after] = scored.map((scores) =>
    mean(places.map((place, row) => rowLogLoss(scores[row * GRADES.length + place] ?? 0, 1))),
  );
  near(receipt.measured.gain, (before ?? 0) - (after ?? 0));
  near(receipt.measured.ownLoss, after ?? 0);
  assert.match(receipt.reason, /^v2 changed log-loss by -\d\.\d+ against v1 on the same 900 rows of 28 days/);
});

test('a receipt of a number is in nats by the variance that the gate compared both by, and tells the squared errors', async (t) => {
  const { scored, receipt, rows, variance } = await released(t, 'regression');
  const [before = 0, after = 0] = scored.map((answers) =>
    mean(rows.map(({ wear }, row) => ((answers[row] ?? 0) - wear) ** 2)),
  );
  assert.ok(variance > 50 && variance < 300, `squared error ${variance}`);
  near(receipt.measured.gain, (before - after) / (2 * variance));
  near(receipt.measured.ownLoss, Math.log(2 * Math.PI * variance) / 2 + after / (2 * variance));
  const told =
    /^v2 changed log-loss by -\d+\.\d+ \(mean squared error (\d+\.\d+), was (\d+\.\d+)\) against v1 /;
  const [, own = '', parent = ''] = told.exec(receipt.reason) ?? assert.fail(receipt.reason);
  assert.deepEqual([own, parent], [after.toFixed(4), before.toFixed(4)]);
});

/** v1 of a world that has turned round, v2 of the one that followed, and what came of it: answers of both and the receipt. */
async function released(t: TestContext, task: OtherTask) {
  const { name, loop, model, contracts } = await taskLoop(t, task, 'receipt');
  const worlds = [1, 2] as const;
  for (const world of worlds) {
    const fromMs = START + (world - 1) * 28 * DAY;
    const rows = taskRows({ rows: 1_500, fromMs, days: 28, seed: world, world });
    await storeRows(
      loop.clickhouse,
      model.contract,
      rows.map((row) => labelled(row, task)),
      world * 1_000,
    );
  }
  const versions: DecidedVersion[] = [];
  for (const world of worlds) {
    const untilMs = START + world * 28 * DAY;
    const trained = { requestId: eventId('test', name, world), fromMs: untilMs - 28 * DAY, untilMs };
    versions.push(await trainNow(loop, model, trained));
  }
  const rows = taskRows({ rows: 900, fromMs: RELEASED, days: 28, seed: 3, world: 2 });
  const scored: Float32Array[] = [];
  for (const version of versions) scored.push(await answersTo(loop, version, rows));
  await serve({ loop, contracts, task, rows, scores: scored[1] ?? new Float32Array(0) });

  const ports = { ...loop, openScorer, readRows: readServedRows };
  const windowMs = 28 * DAY;
  const [receipt, ...more] = await computeReceipts({ ports, contracts, windowMs });
  assert.deepEqual([receipt?.version, receipt?.parent, receipt?.verdict, more], ['v2', 'v1', 'helped', []]);
  assert.ok(receipt?.measured.status === 'ok' && receipt.measured.n === rows.length);
  assert.ok((receipt.predicted?.gain ?? 0) > 0.2 && receipt.measured.low > 0.2, receipt.reason);
  const served = await readWindow({ ports, contracts, fromMs: RELEASED, untilMs: RELEASED + windowMs });
  const stored = await loop.store.readVersion(versions[1] ?? assert.fail('no second version'));
  if (stored.status === 'bad') return assert.fail(stored.why);
  const variance = stored.manifest.validation.squared_error ?? Number.NaN;
  return { scored, receipt: { ...receipt, measured: receipt.measured }, rows, served, variance };
}

async function answersTo(
  loop: Loop,
  version: DecidedVersion,
  rows: readonly TaskRow[],
): Promise<Float32Array> {
  const stored = await loop.store.readVersion(version);
  if (stored.status === 'bad') return assert.fail(`${stored.why}: ${version.reasons}`);
  const columns = columnsOfRecords(
    rows.map((row) => ({ ...row })),
    stored.manifest.inputs,
  );
  const scorer = await openScorer({
    path: join(loop.names.directory, version.uri, 'model.onnx'),
    sample: columns,
  });
  return scorer.score(columns).finally(() => scorer.close());
}

/** Stores rows as a model server logs them, and their labels. They come in the order of their offsets. */
async function serve(args: {
  loop: Loop;
  contracts: Contracts;
  task: OtherTask;
  rows: readonly TaskRow[];
  scores: Float32Array;
}): Promise<void> {
  const { task, rows, contracts, loop } = args;
  const { clickhouse } = loop;
  const answers = answersOf(args.scores, task === 'multiclass' ? GRADES : undefined);
  await ensureRawTable({ clickhouse, contract: contracts.serving });
  await ensureRawTable({ clickhouse, contract: contracts.labels });
  const place = (index: number) => ({ _partition: 0, _offset: index, _schema_id: 1 });
  await clickhouse.insert(
    rawTableName(contracts.serving),
    rows.map(({ eventTimeMs, wear: _, grade: __, ...row }, index) => {
      const answer = answers[index] ?? 0;
      const said =
        typeof answer === 'number'
          ? { prediction: answer }
          : { prediction: answer.label, chances: answer.probabilities };
      return {
        ...row,
        ...said,
        event_time: new Date(eventTimeMs).toISOString(),
        model_version: 'v2',
        latency_ms: 1,
        producer: 'test',
        ...place(index),
      };
    }),
  );
  await clickhouse.insert(
    rawTableName(contracts.labels),
    rows.map(({ eventTimeMs, machine_id, wear, grade }, index) => ({
      machine_id,
      event_time: new Date(eventTimeMs + DAY).toISOString(),
      ...(task === 'regression' ? { wear } : { grade }),
      ...place(index),
    })),
  );
}

function labelled({ wear, grade, ...row }: TaskRow, task: OtherTask) {
  return task === 'regression' ? { ...row, wear } : { ...row, grade };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function near(found: number, wanted: number): void {
  assert.ok(Math.abs(found - wanted) < 1e-6, `${found} is not ${wanted}`);
}
