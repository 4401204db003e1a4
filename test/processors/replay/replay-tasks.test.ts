import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { analyseServed } from '../../../processors/replay/analyse-served.ts';
import { analyseVersion, labelledSince } from '../../../processors/replay/analyse-version.ts';
import { analysisRows } from '../../../processors/replay/analysis-rows.ts';
import { readBlocks } from '../../../processors/replay/read-blocks.ts';
import { taskOf } from '../../../processors/replay/read-window.ts';
import { replayModel } from '../../../processors/replay/replay-model.ts';
import type { Analysis } from '../../../src/core/analysis/analysis.ts';
import type { Contract } from '../../../src/core/contract/contract.ts';
import { modelInputs } from '../../../src/core/contract/model-inputs.ts';
import { type Dataset, takeRows } from '../../../src/core/models/dataset.ts';
import { columnsOfDataset } from '../../../src/core/models/scoring-columns.ts';
import type { Answer } from '../../../src/core/performance/answers.ts';
import { findDataset, listDatasets, readDataset, readTask } from '../../../src/io/files/list-datasets.ts';
import { openScorer } from '../../../src/io/onnx-runtime/open-scorer.ts';
import type { Scorer } from '../../../src/io/onnx-runtime/scorer.ts';
import { analysisPage } from '../../../src/server/analysis/analysis-page.ts';
import { storeRows } from '../../fixtures/loop.ts';
import { SERVED_FROM, SERVED_UNTIL, servedTask } from '../../fixtures/served-task.ts';
import { GRADES, type TaskRow } from '../../fixtures/tasks.ts';

const DAY = 86_400_000;
const WINDOW = { fromMs: SERVED_FROM, untilMs: SERVED_UNTIL };
const ABOUT = {
  model: 'machines',
  version: 'v1',
  source: 'served',
  window_start: new Date(SERVED_FROM).toISOString(),
  window_end: new Date(SERVED_UNTIL).toISOString(),
};
const REPAIR = {
  feature: 'heat',
  transform: 'thousand',
  where: { field: 'color', value: 'red' },
} as const;

/** Red machines send their heat in thousands. */
function brokenRed(row: TaskRow): TaskRow {
  return isBroken(row) ? { ...row, heat: (row.heat ?? 0) / 1_000 } : row;
}

function isBroken({ color, heat }: TaskRow): boolean {
  return color === 'red' && heat !== null;
}

test('a version of classes is replayed bit for bit, one wrong probability and one wrong name are found, and a repair brings the loss back', async (t) => {
  const spoilAnswer = (answer: Answer, at: number): Answer => {
    if (typeof answer === 'number' || at > 1) return answer;
    const { label, probabilities } = answer;
    const other = label === 'low' ? 'high' : 'low';
    if (at === 1) return { label: other, probabilities };
    return { label, probabilities: { ...probabilities, [other]: (probabilities[other] ?? 0) + 1e-9 } };
  };
  const world = await servedTask(t, 'multiclass', { row: brokenRed, answer: spoilAnswer });
  const { contracts, ports, rows, answers } = world;
  const replay = await replayModel({ ports, contracts, version: 'v1', ...WINDOW, repair: REPAIR });
  assert.equal(replay.own.n - replay.own.same, 2, 'the two planted answers are the only ones that differ');
  assert.ok(Math.abs(replay.own.largest - 1e-9) < 1e-12, `${replay.own.largest}`);
  assert.deepEqual([replay.rows, replay.others.n, replay.measure], [rows.length, 0, 'log-loss']);
  const losses = rows.map(({ grade }, at) => {
    const answer = answers[at];
    return typeof answer === 'object' ? -Math.log(answer.probabilities[grade] ?? 0) : Number.NaN;
  });
  const { replayedLoss, repaired } = replay;
  assert.ok(replayedLoss.status === 'ok' && replayedLoss.n === rows.length);
  assert.ok(Math.abs(replayedLoss.value - mean(losses)) < 1e-6);
  assert.equal(repaired?.changedRows, rows.filter(isBroken).length);
  assert.ok(repaired.lossBefore.status === 'ok' && repaired.lossAfter.status === 'ok');
  assert.ok(repaired.lossAfter.value < repaired.lossBefore.value - 0.2);
  assert.ok(typeof repaired.meanAfter === 'object');
  assert.deepEqual(Object.keys(repaired.meanAfter), ['low', 'mid', 'high']);
  assert.ok(Math.abs(Object.values(repaired.meanAfter).reduce((sum, p) => sum + p, 0) - 1) < 1e-6);

  const { validation, served, manifest } = await analysed(world);
  near(validation, 'log-loss', manifest.validation.log_loss);
  near(served, 'log-loss', replayedLoss.value);
  const right = rows.filter(({ grade }, at) => grade === labelOf(answers[at])).length;
  near(served, 'accuracy', right / rows.length);
  for (const grade of GRADES) {
    const came = rows.filter((row) => row.grade === grade);
    const found = rows.filter((row, at) => row.grade === grade && labelOf(answers[at]) === grade);
    near(served, `recall of ${grade}`, found.length / came.length);
  }
  assert.deepEqual(
    served.fairness[0]?.groups.map(({ group, of }) => `${group} ${of}`).sort(),
    ['blue', 'green', 'red'].flatMap((color) => [...GRADES].sort().map((grade) => `${color} ${grade}`)),
  );
  assert.deepEqual(
    served.dependence.filter(({ feature }) => feature === 'heat').map(({ of }) => of),
    [...GRADES],
  );
  for (const { said, came, label, loss, prediction } of served.worst) {
    assert.equal(came, GRADES[label]);
    assert.ok(said !== came && prediction > 1 / 3 && loss > 1);
  }
  assert.deepEqual(served.leftOut, []);
  const page = pageOf(served);
  assert.match(page, /low came.*mid came.*high came/s);
  assert.match(page, /mid against the rest/);
  await withOtherLabels(world, replayedLoss.value);
});

/**
 * Some labels are corrected to a class that has joined the contract since, and some to a text that is none: the first are
 * counted as wrong and named, the others left out and named, and nothing becomes NaN.
 */
async function withOtherLabels(world: Awaited<ReturnType<typeof servedTask>>, lossBefore: number) {
  const { contracts, ports, loop, rows, version } = world;
  const [joined, foreign] = [rows.filter((_, at) => at % 30 === 0), rows.filter((_, at) => at % 45 === 1)];
  await storeRows(
    loop.clickhouse,
    contracts.labels,
    [...joined, ...foreign].map(({ machine_id, eventTimeMs }, at) => ({
      machine_id,
      eventTimeMs: eventTimeMs + 2 * DAY,
      grade: at < joined.length ? 'scrap' : 'odd',
    })),
    10_000,
  );
  const wider = <C extends Contract>(contract: C): C => ({
    ...contract,
    fields: contract.fields.map((field) =>
      field.domain?.includes('low') === true ? { ...field, domain: [...GRADES, 'scrap'] } : field,
    ),
  });
  const grown = {
    training: wider(contracts.training),
    serving: wider(contracts.serving),
    labels: wider(contracts.labels),
  };
  const analysis = await analyseServed({
    blocks: readBlocks({ ports, contracts: grown, ...WINDOW, blockRows: 100 }),
    openScorer: (sample) =>
      openScorer({
        path: join(loop.names.directory, version.uri, 'model.onnx'),
        sample: columnsOfDataset(takeRows(sample, [0]), modelInputs(contracts.serving).inputs),
        classes: GRADES,
      }),
    task: taskOf(grown),
    groups: ['color'],
    seed: 1,
  });
  assert.equal(analysis.rows, rows.length - foreign.length);
  assert.deepEqual(analysis.leftOut, [
    'The version was trained without scrap (30 rows): it gives such rows no probability, and they count as wrong.',
    'Labels that are no class of the contract are not counted: odd (20 rows).',
  ]);
  assert.deepEqual(pick(analysis.metrics['recall of scrap']), [0, 30]);
  assert.equal(analysis.metrics['precision of scrap']?.status, 'insufficient', 'it was never said');
  const counted = analysis.classes?.counts.map((line) => line[GRADES.length] ?? 0) ?? [];
  assert.deepEqual([counted.reduce((sum, n) => sum + n, 0), counted.at(-1)], [30, 0]);
  const loss = analysis.metrics['log-loss'];
  const least = (30 * -Math.log(1e-7)) / analysis.rows;
  assert.ok(loss?.status === 'ok' && loss.value > least && loss.value < least + lossBefore + 0.1, `${loss}`);
  assert.equal(analysis.worst[0]?.came, 'scrap');
  assert.doesNotMatch(pageOf(analysis), /NaN|undefined/);
  assert.match(pageOf(analysis), /trained without scrap \(30 rows\)/);
  for (const { value, low, high } of analysisRows(analysis)) {
    for (const number of [value, low, high]) assert.ok(number === null || Number.isFinite(number));
  }
}

function pick(metric: Analysis['metrics'][string] | undefined): (number | undefined)[] {
  return metric?.status === 'ok' ? [metric.value, metric.n] : [];
}

test('a version of numbers is replayed bit for bit, one wrong number is found, and a repair brings the error back', async (t) => {
  const world = await servedTask(t, 'regression', {
    row: brokenRed,
    answer: (answer, at) => (typeof answer === 'number' && at === 7 ? answer + 1e-9 : answer),
  });
  const { contracts, ports, rows, answers } = world;
  const replay = await replayModel({ ports, contracts, version: 'v1', ...WINDOW, repair: REPAIR });
  assert.equal(replay.own.n - replay.own.same, 1, 'the planted answer is the only one that differs');
  const squares = rows.map(({ wear }, at) => (wear - Number(answers[at])) ** 2);
  const { replayedLoss, repaired } = replay;
  assert.equal(replay.measure, 'mean squared error');
  assert.ok(replayedLoss.status === 'ok' && replayedLoss.n === rows.length);
  assert.ok(Math.abs(replayedLoss.value - mean(squares)) < 1e-6 * mean(squares));
  assert.equal(repaired?.changedRows, rows.filter(isBroken).length);
  assert.ok(repaired.lossBefore.status === 'ok' && repaired.lossAfter.status === 'ok');
  assert.ok(repaired.lossAfter.value < repaired.lossBefore.value / 2);
  assert.equal(typeof repaired.meanBefore, 'number');

  const { validation, served, manifest } = await analysed(world);
  near(validation, 'RMSE', Math.sqrt(manifest.validation.squared_error ?? 0));
  near(served, 'RMSE', Math.sqrt(replayedLoss.value));
  near(served, 'MAE', mean(rows.map(({ wear }, at) => Math.abs(wear - Number(answers[at])))));
  assert.ok(validation.metrics['R^2']?.status === 'ok' && validation.metrics['R^2'].value > 0.8);
  assert.deepEqual(
    [served.calibration, served.confusion, served.classes, served.leftOut.length],
    [[], undefined, undefined, 2],
  );
  const page = pageOf(served);
  assert.match(page, /Fairness of groups is about yes and no/);
  assert.doesNotMatch(page, /Calibration<|Groups of color/);
});

/**
 * The version on its validation rows and, in blocks, on what was served, where red machines are planted to be the
 * weakest slice; and what both must keep to.
 */
async function analysed(world: Awaited<ReturnType<typeof servedTask>>) {
  const { contracts, ports, loop } = world;
  const subject = findDataset(await listDatasets(loop.names.directory), 'v1');
  const { manifest } = subject;
  const task = await readTask(subject);
  assert.deepEqual(task, taskOf(contracts));
  const open = (sample: Dataset): Promise<Scorer> =>
    openScorer({
      path: join(loop.names.directory, world.version.uri, 'model.onnx'),
      sample: columnsOfDataset(takeRows(sample, [0]), manifest.inputs),
      ...(manifest.classes === undefined ? {} : { classes: manifest.classes }),
    });
  const how = { task, groups: ['color'], seed: 1 };
  const examples = labelledSince(await readDataset(subject), Date.parse(manifest.validation.from), task);
  const scorer = await open(examples.dataset);
  const validation = await analyseVersion({ examples, scorer, ...how }).finally(() => scorer.close());
  const blocks = readBlocks({ ports, contracts, ...WINDOW, blockRows: 100 });
  const served = await analyseServed({ blocks, openScorer: open, ...how, most: 600 });
  assert.deepEqual([validation.rows, served.rows], [manifest.validation.rows, world.rows.length]);
  assert.deepEqual([validation.examined, served.examined], [manifest.validation.rows, 600]);
  assert.match(served.slices.slices[0]?.conditions.join() ?? '', /color = red/);
  for (const analysis of [validation, served]) {
    assert.equal(analysis.importance[0]?.feature, 'heat');
    assert.equal(
      analysis.residuals.reduce((sum, { n }) => sum + n, 0),
      analysis.rows,
    );
    for (const { explained, prediction } of analysis.worst) {
      const sum = explained.contributions.reduce((all, one) => all + one.contribution, explained.base);
      assert.ok(Math.abs(sum - prediction) < 1e-6 * Math.max(1, Math.abs(prediction)));
    }
    const numbers = analysisRows(analysis);
    const names = new Set(numbers.map(({ kind, name, place }) => `${kind}/${name}/${place}`));
    assert.equal(names.size, numbers.length);
    await loop.clickhouse.insert(
      'analyses',
      numbers.map((row) => ({ ...ABOUT, ...row })),
    );
  }
  return { validation, served, manifest };
}

function pageOf(analysis: Analysis): string {
  return analysisPage({ title: 'v1', source: 'rows', style: '', analysis });
}

function labelOf(answer: Answer | undefined): string {
  return typeof answer === 'object' ? answer.label : '';
}

function near({ metrics }: Analysis, name: string, expected: number): void {
  const metric = metrics[name];
  assert.ok(metric?.status === 'ok', `${name}: ${JSON.stringify(metric)}`);
  assert.ok(
    Math.abs(metric.value - expected) < 1e-6 * Math.max(1, expected),
    `${metric.value}, not ${expected}`,
  );
  assert.ok(metric.low < metric.value && metric.value < metric.high);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
