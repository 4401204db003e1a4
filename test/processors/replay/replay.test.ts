import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { NOTHING_RELEASED } from '../../../processors/experiments/known-releases.ts';
import { analyseServed } from '../../../processors/replay/analyse-served.ts';
import { analyseVersion, labelledSince } from '../../../processors/replay/analyse-version.ts';
import { analysisRows } from '../../../processors/replay/analysis-rows.ts';
import { computeReceipts } from '../../../processors/replay/compute-receipts.ts';
import { openReceiptKeeper } from '../../../processors/replay/keep-receipts.ts';
import type { Contracts, ReplayPorts } from '../../../processors/replay/ports.ts';
import { readBlocks } from '../../../processors/replay/read-blocks.ts';
import { readWindow } from '../../../processors/replay/read-window.ts';
import { replayModel } from '../../../processors/replay/replay-model.ts';
import type { DecidedVersion } from '../../../processors/train/release.ts';
import { servingChampion } from '../../../processors/train/serving-champion.ts';
import { knownVersions } from '../../../processors/train/versions.ts';
import { modelInputs } from '../../../src/core/contract/model-inputs.ts';
import { rawTableName } from '../../../src/core/contract/raw-table.ts';
import { diffDatasets } from '../../../src/core/datasets/diff-datasets.ts';
import { type Dataset, takeRows } from '../../../src/core/models/dataset.ts';
import { columnsOfDataset, columnsOfRecords } from '../../../src/core/models/scoring-columns.ts';
import { eventId } from '../../../src/core/uuid.ts';
import { ensureRawTable } from '../../../src/io/clickhouse/ensure-raw-table.ts';
import { findDataset, listDatasets, readDataset } from '../../../src/io/files/list-datasets.ts';
import { readServedRows } from '../../../src/io/files/read-served-rows.ts';
import { openScorer } from '../../../src/io/onnx-runtime/open-scorer.ts';
import type { Scorer } from '../../../src/io/onnx-runtime/scorer.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { analysisPage } from '../../../src/server/analysis/analysis-page.ts';
import { type Loop, machineModel, makeLoop, storeRows, trainNow } from '../../fixtures/loop.ts';
import { type MachineRow, machineContract, machineRows } from '../../fixtures/machines.ts';
import { stack, uniqueName } from '../../fixtures/stack.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const RELEASED = START + 56 * DAY;

test('the serving version is replayed bit for bit, a receipt says what it gained, and a repair what a fault cost', async (t) => {
  const { loop, contracts, ports, v1, v2, rows } = await twoVersions(t);
  assert.deepEqual([v1.status, v2.status, v2.parent], ['accepted', 'accepted', 'v1']);
  await serve(loop, contracts, v2, rows);
  const window = { fromMs: RELEASED, untilMs: RELEASED + 28 * DAY };

  const own = await replayModel({ ports, contracts, version: 'v2', ...window });
  assert.deepEqual(own.own, { n: rows.length, same: rows.length, largest: 0, mean: 0 });
  assert.equal(own.others.n, 0);
  assert.ok(own.loggedLoss.status === 'ok' && own.loggedLoss.n === rows.length);
  const older = await replayModel({ ports, contracts, version: 'v1', ...window });
  assert.equal(older.others.n, rows.length);
  assert.ok(older.replayedLoss.status === 'ok' && own.replayedLoss.status === 'ok');
  assert.ok(older.replayedLoss.value > own.replayedLoss.value + 0.2);

  const [receipt, ...more] = await computeReceipts({ ports, contracts, windowMs: 28 * DAY });
  assert.deepEqual(more, []);
  assert.equal(receipt?.verdict, 'helped');
  assert.ok(receipt?.measured.status === 'ok' && receipt.measured.n === rows.length);
  const difference = older.replayedLoss.value - own.replayedLoss.value;
  assert.ok(Math.abs(receipt.measured.gain - difference) < 1e-9);
  assert.ok((receipt.predicted?.gain ?? 0) > 0.2);
  const stored = await loop.clickhouse.rows('receipts-of', { model: 'machines' }, STORED);
  assert.deepEqual(stored, [
    {
      version: 'v2',
      parent: 'v1',
      verdict: 'helped',
      labels: rows.length,
      measured_gain: receipt.measured.gain,
    },
  ]);
  await assert.rejects(replayModel({ ports, contracts, version: 'v9', ...window }), /there are v1, v2/);
});

test('a release gets its receipt by itself when its labels have come, once, and says when it was rolled back', async (t) => {
  const { loop, contracts, ports, v2, rows } = await twoVersions(t);
  await serve(loop, contracts, v2, rows);
  let reachedMs = RELEASED + 28 * DAY;
  let asked = 0;
  const open = () =>
    openReceiptKeeper({
      ports,
      models: new Map([['machines', { contracts, labelDelayMs: 2 * DAY }]]),
      async times(topics) {
        asked += 1;
        return new Map(topics.map((topic) => [topic, { reachedMs, furthestMs: reachedMs }]));
      },
      windowMs: 28 * DAY,
      log: silentLog,
    });
  const keeper = open();
  const known = { ...NOTHING_RELEASED, accepted: [{ version: 'v2', answersFromMs: RELEASED }] };
  assert.deepEqual(await keeper.look('machines', NOTHING_RELEASED), []);
  assert.equal(asked, 0, 'without a release nobody asks what time it is');
  assert.deepEqual(await keeper.look('machines', known), []);
  reachedMs += 2 * DAY;
  const [receipt, ...more] = await keeper.look('machines', known);
  assert.deepEqual([receipt?.version, receipt?.verdict, more], ['v2', 'helped', []]);
  const before = asked;
  assert.deepEqual(await keeper.look('machines', known), []);
  assert.deepEqual(await open().look('machines', known), [], 'nor again after a restart');
  assert.equal(asked, before);

  await loop.clickhouse.insert('experiment_decisions', [
    {
      decision_id: eventId('test', 'rollback'),
      model: 'machines',
      experiment: 'a person',
      number: 0,
      action: 'roll back',
      champion: 'v1',
      challenger: 'v2',
      share: 0,
      decided: new Date(reachedMs).toISOString(),
      reasons: ['a person rolled back'],
      labels: 0,
      need: 0,
      change: '{}',
    },
  ]);
  const decided = await knownVersions(loop.clickhouse, 'machines');
  const model = machineModel('machines');
  const championIs = async (tested: boolean): Promise<string | undefined> =>
    (await servingChampion(ports, { ...model, tested }, decided))?.version;
  assert.deepEqual([await championIs(false), await championIs(true)], ['v1', 'v1']);
  const [again] = await computeReceipts({ ports, contracts, windowMs: 28 * DAY, only: 'v2' });
  assert.equal(again?.verdict, 'rolled back');
  assert.match(again?.reason ?? '', /v2 changed log-loss by -\d\.\d+ against v1 on the same 900 rows/);
});

test('an answer that was not logged as given is found, and a repair brings the loss back', async (t) => {
  const { loop, contracts, ports, v2, rows } = await twoVersions(t);
  const broken = rows.map((row) =>
    row.color === 'red' && row.heat !== null ? { ...row, heat: row.heat / 1_000 } : row,
  );
  await serve(loop, contracts, v2, broken, { planted: 7 });
  const window = { fromMs: RELEASED, untilMs: RELEASED + 28 * DAY };
  const repair = {
    feature: 'heat',
    transform: 'thousand',
    where: { field: 'color', value: 'red' },
  } as const;
  const replay = await replayModel({ ports, contracts, version: 'v2', ...window, repair });
  assert.equal(replay.own.n - replay.own.same, 1, 'the planted answer is the only one that differs');
  assert.ok(replay.own.largest > 0);
  const { repaired } = replay;
  assert.equal(repaired?.changedRows, rows.filter((r) => r.color === 'red' && r.heat !== null).length);
  assert.ok(repaired?.lossBefore.status === 'ok' && repaired.lossAfter.status === 'ok');
  assert.ok(repaired.lossAfter.value < repaired.lossBefore.value - 0.1);
  const nowhere = { feature: 'color', transform: 'negate' } as const;
  await assert.rejects(
    replayModel({ ports, contracts, version: 'v2', ...window, repair: nowhere }),
    /color is no numeric feature/,
  );
});

test('data sets are listed and compared, and a version is analysed on its validation rows', async (t) => {
  const { loop } = await twoVersions(t);
  const { directory } = loop.names;
  const datasets = await listDatasets(directory);
  assert.deepEqual(
    datasets.map(({ manifest }) => `${manifest.model} ${manifest.version}`),
    ['machines v1', 'machines v2'],
  );
  const [one, other] = [findDataset(datasets, 'v1'), findDataset(datasets, 'v2')];
  assert.equal(findDataset(datasets, one.manifest.snapshot.sha256.slice(0, 12)), one);
  assert.throws(
    () => findDataset(datasets, 'v9'),
    /No data set goes by "v9"; there are machines v1, machines v2/,
  );
  const [before, after] = [await readDataset(one), await readDataset(other)];
  const diff = diffDatasets(before.dataset, after.dataset);
  assert.deepEqual([diff.rows, diff.gone, diff.added], [{ before: 1_500, after: 1_500 }, [], []]);
  assert.ok(
    diff.features.every(({ distribution }) => distribution.status === 'ok' && distribution.value < 0.1),
  );

  const { manifest } = other;
  const scorer = await openScorer({
    path: join(directory, 'models', 'machines', 'v2', 'model.onnx'),
    sample: columnsOfDataset(takeRows(after.dataset, [0]), manifest.inputs),
  });
  const analysis = await analyseVersion({
    examples: labelledSince(after, Date.parse(manifest.validation.from)),
    scorer,
    groups: ['color'],
    seed: 1,
  }).finally(() => scorer.close());
  assert.equal(analysis.rows, manifest.validation.rows);
  const loss = analysis.metrics['log-loss'];
  assert.ok(loss?.status === 'ok' && Math.abs(loss.value - manifest.validation.log_loss) < 1e-6);
  assert.ok(loss.low < loss.value && loss.value < loss.high);
  assert.equal(analysis.importance[0]?.feature, 'heat');
  assert.ok(analysis.calibration.length > 3);
  assert.equal(analysis.fairness[0]?.field, 'color');

  const { confusion, dependence, worst, residuals } = analysis;
  assert.ok(confusion !== undefined);
  assert.equal(
    confusion.truePositive + confusion.falsePositive + confusion.trueNegative + confusion.falseNegative,
    analysis.rows,
  );
  assert.equal(dependence[0]?.feature, 'heat');
  assert.equal(
    residuals.reduce((sum, { n }) => sum + n, 0),
    analysis.rows,
  );
  for (const { loss: worse, explained, prediction } of worst) {
    assert.ok(worse >= (worst.at(-1)?.loss ?? 0));
    const sum = explained.contributions.reduce((all, { contribution }) => all + contribution, explained.base);
    assert.ok(Math.abs(sum - prediction) < 1e-6);
  }
  const numbers = analysisRows(analysis);
  assert.equal(numbers.filter(({ kind }) => kind === 'metric').length, 4);
  assert.equal(
    new Set(numbers.map(({ kind, name, place }) => `${kind}/${name}/${place}`)).size,
    numbers.length,
  );
  const page = analysisPage({ title: '<b>&', source: 'rows', style: '', analysis });
  assert.match(page, /<h1>&#60;b&#62;&#38;<\/h1>/);
  assert.equal(page.match(/<figure>/g)?.length, dependence.length);
});

test('served rows that come in blocks are analysed as those of a window read at once', async (t) => {
  const { loop, contracts, ports, v2, rows } = await twoVersions(t);
  await serve(loop, contracts, v2, rows);
  const window = { fromMs: RELEASED, untilMs: RELEASED + 28 * DAY };
  const whole = await readWindow({ ports, contracts, ...window });
  const sizes: number[] = [];
  async function* blocks() {
    for await (const block of readBlocks({ ports, contracts, ...window, blockRows: 100 })) {
      sizes.push(block.ids.length);
      yield block;
    }
  }
  const open = (sample: Dataset): Promise<Scorer> => {
    const inputs = columnsOfDataset(takeRows(sample, [0]), modelInputs(contracts.serving).inputs);
    return openScorer({ path: join(loop.names.directory, v2.uri, 'model.onnx'), sample: inputs });
  };
  const how = { groups: ['color'], seed: 1 };
  const streamed = await analyseServed({ blocks: blocks(), openScorer: open, ...how, most: 300 });
  assert.ok(sizes.length >= 9 && Math.max(...sizes) <= 100, `blocks of ${sizes.join()} rows`);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    rows.length,
  );
  const examples = labelledSince(whole, 0);
  const scorer = await open(examples.dataset);
  const inMemory = await analyseVersion({ examples, scorer, ...how }).finally(() => scorer.close());
  for (const name of ['rows', 'days', 'fromMs', 'untilMs'] as const)
    assert.equal(streamed[name], inMemory[name]);
  assert.deepEqual([streamed.examined, inMemory.examined], [300, rows.length]);
  assert.deepEqual(streamed.confusion, inMemory.confusion);
  for (const name of ['log-loss', 'Brier', 'accuracy']) {
    const [one, other] = [streamed.metrics[name], inMemory.metrics[name]];
    assert.ok(one?.status === 'ok' && other?.status === 'ok' && Math.abs(one.value - other.value) < 1e-9);
    assert.ok(one.low < one.value && one.value < one.high);
  }
  assert.equal(streamed.importance[0]?.feature, 'heat');
  const residuals = (of: typeof streamed): number[] => of.residuals.map(({ n }) => n);
  assert.deepEqual(residuals(streamed), residuals(inMemory));
});

/** v1 of a world that has turned round, v2 of the one that followed, and rows of that one to serve. */
async function twoVersions(t: TestContext) {
  const loop = await makeLoop(t, stack(), uniqueName('replay'));
  const model = machineModel('machines');
  const contracts: Contracts = {
    training: model.contract,
    serving: machineContract('machines', 'serving'),
    labels: machineContract('machines', 'labels'),
  };
  const past = machineRows({ rows: 1_500, fromMs: START, days: 28, seed: 1 });
  const turned = machineRows({ rows: 1_500, fromMs: START + 28 * DAY, days: 28, seed: 2, world: 2 });
  await storeRows(loop.clickhouse, model.contract, past);
  await storeRows(loop.clickhouse, model.contract, turned, 1_000);
  const train = (name: string, fromMs: number): Promise<DecidedVersion> =>
    trainNow(loop, model, {
      requestId: eventId('test', name, loop.names.database),
      fromMs,
      untilMs: fromMs + 28 * DAY,
    });
  const v1 = await train('a', START);
  const v2 = await train('b', START + 28 * DAY);
  const ports: ReplayPorts = {
    clickhouse: loop.clickhouse,
    store: loop.store,
    openScorer,
    readRows: readServedRows,
  };
  const rows = machineRows({ rows: 900, fromMs: RELEASED, days: 28, seed: 3, world: 2 });
  return { loop, contracts, ports, v1, v2, rows };
}

/** Answers rows one by one as a server does and stores them with their labels; `planted` is logged wrongly. */
async function serve(
  loop: Loop,
  contracts: Contracts,
  version: DecidedVersion,
  rows: readonly MachineRow[],
  { planted = -1 } = {},
): Promise<void> {
  const { inputs } = modelInputs(contracts.serving);
  const plain = rows.map((row) => ({ ...row }));
  const scorer = await openScorer({
    path: join(loop.names.directory, version.uri, 'model.onnx'),
    sample: columnsOfRecords(plain.slice(0, 4), inputs),
  });
  const answers: number[] = [];
  for (const row of plain) {
    const [answer = Number.NaN] = await scorer.score(columnsOfRecords([row], scorer.inputs));
    answers.push(answer);
  }
  await scorer.close();
  const place = (index: number) => ({ _partition: index % 3, _offset: Math.floor(index / 3), _schema_id: 1 });
  await ensureRawTable({ clickhouse: loop.clickhouse, contract: contracts.serving });
  await ensureRawTable({ clickhouse: loop.clickhouse, contract: contracts.labels });
  await loop.clickhouse.insert(
    rawTableName(contracts.serving),
    rows.map(({ eventTimeMs, failed, ...row }, index) => ({
      ...row,
      event_time: new Date(eventTimeMs).toISOString(),
      prediction: (answers[index] ?? 0) + (index === planted ? 1e-9 : 0),
      model_version: version.version,
      latency_ms: failed,
      producer: 'test',
      ...place(index),
    })),
  );
  await loop.clickhouse.insert(
    rawTableName(contracts.labels),
    rows.map(({ eventTimeMs, machine_id, failed }, index) => ({
      machine_id,
      event_time: new Date(eventTimeMs + DAY).toISOString(),
      failed,
      ...place(index),
    })),
  );
}

const STORED = z.object({
  version: z.string(),
  parent: z.string(),
  verdict: z.string(),
  labels: z.coerce.number(),
  measured_gain: z.number().nullable(),
});
