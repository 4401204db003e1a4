import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addTaskScores, startTaskScores, taskScoresResult } from '../../../src/core/analysis/task-scores.ts';
import type { LabelTask } from '../../../src/core/contract/label-task.ts';
import { mix32, seededRandom } from '../../../src/core/random.ts';

const DAY = 86_400_000;
const CLASSES = ['low', 'mid', 'high'] as const;
const TASKS = {
  multiclass: { kind: 'multiclass', classes: CLASSES },
  regression: { kind: 'regression' },
} as const satisfies Record<string, LabelTask>;

interface Row {
  readonly answer: readonly number[];
  readonly label: number;
  readonly ms: number;
  readonly hash: number;
}

test('metrics of numbers are those computed from the rows two passes long, far from zero as well', () => {
  for (const offset of [0, 1e7]) {
    const rows = numbers(3_000, 2, offset);
    const result = analysed(TASKS.regression, [rows]);
    const residuals = rows.map(({ label, answer }) => label - (answer[0] ?? Number.NaN));
    const middle = mean(rows.map(({ label }) => label));
    const spread = mean(rows.map(({ label }) => (label - middle) ** 2));
    const squares = mean(residuals.map((e) => e * e));
    near(metricOf(result, 'RMSE'), Math.sqrt(squares), 1e-6);
    near(metricOf(result, 'MAE'), mean(residuals.map(Math.abs)), 1e-6);
    near(metricOf(result, 'mean residual'), mean(residuals), 1e-6);
    near(metricOf(result, 'R^2'), 1 - squares / spread, 1e-6);
    assert.ok(metricOf(result, 'R^2') > 0.5 && metricOf(result, 'R^2') < 1);
    assert.deepEqual([result.rows, result.calibration, result.confusion], [3_000, [], undefined]);
    const [first] = result.residuals;
    const own = residuals.slice(0, first?.n);
    near(first?.mean ?? 0, mean(own), 1e-6);
  }
});

test('the interval of a mean is that of the normal distribution where ids are drawn', () => {
  const rows = numbers(2_000, 2, 0).map((row) => ({ ...row, ms: 0 }));
  const result = analysed(TASKS.regression, [rows]);
  const bias = result.metrics['mean residual'];
  const residuals = rows.map(({ label, answer }) => label - (answer[0] ?? 0));
  const middle = mean(residuals);
  const se = Math.sqrt(mean(residuals.map((e) => (e - middle) ** 2)) / rows.length);
  assert.ok(bias?.status === 'ok');
  assert.ok(Math.abs((bias.high - bias.low) / (2 * 1.96 * se) - 1) < 0.15, `${bias.low} ${bias.high} ${se}`);
});

test('labels that never differ have no R^2, and a handful of rows has no interval', () => {
  const same = numbers(50, 3, 0).map((row) => ({ ...row, label: 7 }));
  assert.equal(analysed(TASKS.regression, [same]).metrics['R^2']?.status, 'insufficient');
  const few = analysed(TASKS.regression, [numbers(5, 3, 0)]);
  assert.deepEqual(few.metrics['RMSE'], { status: 'insufficient', need: 10, have: 5 });
  const unusable = numbers(20, 3, 0).map((row) => ({ ...row, label: Number.NaN }));
  assert.equal(analysed(TASKS.regression, [unusable]).rows, 0);
});

test('metrics of classes are those counted from the rows, and an unknown class is left out', () => {
  const rows = classed(4_000, 5);
  const result = analysed(TASKS.multiclass, [rows, [{ ...first(rows), label: Number.NaN }]]);
  const said = rows.map(({ answer }) => answer.indexOf(Math.max(...answer)));
  const count = (is: (row: Row, said: number) => boolean): number =>
    rows.filter((row, at) => is(row, said[at] ?? -1)).length;
  near(
    metricOf(result, 'log-loss'),
    mean(rows.map(({ answer, label }) => -Math.log(answer[label] ?? 0))),
    1e-9,
  );
  near(metricOf(result, 'accuracy'), count((row, one) => row.label === one) / rows.length, 1e-12);
  const f1: number[] = [];
  for (const [at, name] of CLASSES.entries()) {
    const hits = count((row, one) => row.label === at && one === at);
    const [came, named] = [count((row) => row.label === at), count((_, one) => one === at)];
    near(metricOf(result, `recall of ${name}`), hits / came, 1e-12);
    near(metricOf(result, `precision of ${name}`), hits / named, 1e-12);
    f1.push((2 * hits) / (came + named));
    assert.equal(result.classes?.counts[at]?.[at], hits);
  }
  near(metricOf(result, 'macro F1'), mean(f1), 1e-12);
  assert.equal(
    result.classes?.counts.flat().reduce((sum, n) => sum + n, 0),
    rows.length,
  );
  for (const name of CLASSES) {
    const curve = result.calibration.filter(({ of }) => of === name);
    assert.ok(curve.length >= 8, `${name} has ${curve.length} points`);
    const agree = curve.filter(
      ({ predicted, observed }) =>
        observed.status === 'ok' && observed.low <= predicted && predicted <= observed.high,
    );
    assert.ok(
      agree.length >= curve.length - 2,
      'labels are drawn by the probabilities, so the curve is the line',
    );
  }
});

test('two classes are a yes and a no: the same loss, accuracy and intervals, and residuals of the answer that was given', () => {
  const random = seededRandom(11);
  const rows = Array.from({ length: 1_500 }, (_, at): Row => {
    const p = random();
    return {
      answer: [p],
      label: random() < p ? 1 : 0,
      ms: Math.floor(at / 60) * DAY,
      hash: mix32(at),
    };
  });
  const one = analysed({ kind: 'classification' }, [rows]);
  const two = analysed({ kind: 'multiclass', classes: ['no', 'yes'] }, [
    rows.map((row) => ({ ...row, answer: [1 - (row.answer[0] ?? 0), row.answer[0] ?? 0] })),
  ]);
  for (const name of ['log-loss', 'accuracy']) {
    const [a, b] = [one.metrics[name], two.metrics[name]];
    assert.ok(a?.status === 'ok' && b?.status === 'ok');
    for (const part of ['value', 'low', 'high', 'n'] as const) near(a[part], b[part], 1e-9);
  }
  assert.deepEqual(two.classes?.counts, [
    [one.confusion?.trueNegative, one.confusion?.falseNegative],
    [one.confusion?.falsePositive, one.confusion?.truePositive],
  ]);
  const gap = two.residuals.reduce((sum, { mean: of, n }) => sum + of * n, 0) / rows.length;
  const confidence = mean(rows.map(({ answer: [p = 0] }) => Math.max(p, 1 - p)));
  near(gap, metricOf(two, 'accuracy') - confidence, 1e-9);
});

test('how rows come in blocks changes nothing, whether days are drawn or ids', () => {
  for (const days of [3, 25]) {
    for (const [task, rows] of [
      [TASKS.regression, numbers(600, 7, 100)],
      [TASKS.multiclass, classed(600, 7)],
    ] as const) {
      const placed = rows.map((row, at) => ({ ...row, ms: Math.floor((at * days) / 600) * DAY }));
      const whole = analysed(task, [placed]);
      const other = analysed(task, [
        placed.slice(350).toReversed(),
        placed.slice(0, 120),
        placed.slice(120, 350),
      ]);
      assert.deepEqual([whole.rows, whole.days, whole.classes], [other.rows, other.days, other.classes]);
      for (const [name, a] of Object.entries(whole.metrics)) {
        const b = other.metrics[name];
        assert.ok(a.status === 'ok' && b?.status === 'ok', name);
        assert.ok(a.low < a.value && a.value < a.high, name);
        for (const part of ['value', 'low', 'high', 'n'] as const) near(a[part], b[part], 1e-9);
      }
    }
  }
});

function numbers(n: number, seed: number, offset: number): Row[] {
  const random = seededRandom(seed);
  return Array.from({ length: n }, (_, at) => {
    const truth = offset + 100 * random();
    return {
      answer: [truth + 5],
      label: truth + 40 * (random() - 0.5),
      ms: Math.floor(at / 100) * DAY,
      hash: mix32(at),
    };
  });
}

/** Labels are drawn by the very probabilities that are answered. */
function classed(n: number, seed: number): Row[] {
  const random = seededRandom(seed);
  return Array.from({ length: n }, (_, at) => {
    const raw = CLASSES.map(() => random() ** 3 + 0.01);
    const sum = raw.reduce((all, value) => all + value, 0);
    const answer = raw.map((value) => value / sum);
    const u = random();
    const [a = 0, b = 0] = answer;
    return { answer, label: u < a ? 0 : u < a + b ? 1 : 2, ms: Math.floor(at / 150) * DAY, hash: mix32(at) };
  });
}

function analysed(task: LabelTask, blocks: readonly (readonly Row[])[]) {
  const scores = startTaskScores({ task, seed: 1 });
  for (const rows of blocks) {
    addTaskScores(scores, {
      predictions: rows.flatMap(({ answer }) => answer),
      labels: rows.map(({ label }) => label),
      eventTimesMs: rows.map(({ ms }) => ms),
      hashes: rows.map(({ hash }) => hash),
    });
  }
  return taskScoresResult(scores);
}

function metricOf({ metrics }: ReturnType<typeof analysed>, name: string): number {
  const metric = metrics[name];
  return metric?.status === 'ok' ? metric.value : assert.fail(`${name} is ${JSON.stringify(metric)}`);
}

function first(rows: readonly Row[]): Row {
  return rows[0] ?? assert.fail('there is no row');
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function near(found: number, expected: number, within: number): void {
  assert.ok(
    Math.abs(found - expected) <= within * Math.max(1, Math.abs(expected)),
    `${found}, not ${expected}`,
  );
}
