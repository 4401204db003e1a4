import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinForPerformance } from '../../../processors/backtest/join-tables.ts';
import { viewModel } from '../../../processors/panes/model-view.ts';
import { classLosses, squaredLosses } from '../../../src/core/performance/row-loss.ts';
import { numberColumn, type Table, textColumn } from '../../../src/core/windows/column.ts';
import { GRADES, type OtherTask, taskContract } from '../../fixtures/tasks.ts';

const IDS = ['a', 'b', 'c', 'd'];
const TIMES = Float64Array.of(1, 2, 3, 4);

test('labels of classes are joined to the probability of the class that came, and to whether the likeliest did', () => {
  const chances = [0.5, 0.25, 0.25, 0.125, 0.75, 0.125, 0.1, 0.1, 0.8, 0.2, 0.2, 0.6];
  const column = (at: number) =>
    numbers(
      `chances.${GRADES[at]}`,
      IDS.map((_, row) => chances[row * 3 + at] ?? 0),
    );
  const serving = tableOf(
    texts('prediction', ['low', 'mid', 'high', 'high']),
    column(0),
    column(1),
    column(2),
  );
  const labels = tableOf(texts('grade', ['low', 'low', 'high', 'nowhere']));
  const { row, losses } = joined('multiclass', serving, labels);
  const expected = classLosses({ scores: chances, width: 3 }, [0, 0, 2]);
  near([...losses.slice(0, 3), row.n], [...expected, 4]);
  near([losses[3] ?? 0], [-Math.log(1e-15)]);
  near([row.loss, row.positives, row.predicted], [losses.reduce((sum, one) => sum + one), 2, 2.65]);
  const entropy = chances.reduce((sum, q) => sum - q * Math.log(q), 0);
  near([row.expected], [entropy]);
});

test('labels of numbers are joined to squared errors by the variance of the validation; what is no number is unmatched', () => {
  const serving = tableOf(numbers('prediction', [10, 20, Number.NaN, 40]));
  const labels = tableOf(numbers('wear', [12, 14, 1, 1e9]));
  const { row, losses } = joined('regression', serving, labels, 8);
  const expected = squaredLosses([10, 20, 40], [12, 14, 1e9], 8);
  const constant = Math.log(2 * Math.PI * 8) / 2;
  near(
    losses,
    [...expected].map((loss) => loss - constant),
  );
  near([row.loss], [expected.reduce((sum, one) => sum + one)]);
  // What the distribution costs on the very rows that its variance is from.
  near([row.expected], [3 * (constant + 0.5)]);
  assert.deepEqual([row.n, row.unmatched, row.positives, row.errors], [3, 1, 0, 0]);
});

function joined(task: OtherTask, serving: Table, labels: Table, squaredError?: number) {
  const view = viewModel({
    training: taskContract('machines', 'training', task),
    serving: taskContract('machines', 'serving', task),
    labels: taskContract('machines', 'labels', task),
    segments: [],
  });
  const rows = [0, 1, 2, 3];
  return joinForPerformance({
    view,
    startMs: 0,
    serving: { table: serving, rows, times: TIMES },
    labels: { table: labels, rows, times: TIMES },
    ...(squaredError === undefined ? {} : { squaredError }),
  });
}

function tableOf(...columns: readonly ReturnType<typeof numbers>[]): Table {
  const all = [texts('machine_id', IDS), ...columns];
  return { rows: IDS.length, columns: new Map(all.map((column) => [column.name, column])) };
}

function numbers(name: string, values: readonly number[]) {
  return numberColumn({
    name,
    form: 'number',
    values,
    missing: values.map((value) => Number(Number.isNaN(value))),
  });
}

function texts(name: string, values: readonly string[]) {
  return textColumn({ name, codes: values.map((_, at) => at), texts: values });
}

function near(found: readonly number[], expected: readonly number[]): void {
  assert.equal(found.length, expected.length);
  for (const [at, value] of expected.entries())
    assert.ok(
      Math.abs((found[at] ?? Number.NaN) - value) < 1e-6 * Math.max(1, Math.abs(value)),
      `${found} ${expected}`,
    );
}
