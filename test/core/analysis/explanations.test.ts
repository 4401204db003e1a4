import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { partialDependence } from '../../../src/core/analysis/partial-dependence.ts';
import { residualsByTime } from '../../../src/core/analysis/residuals-by-time.ts';
import { shapleyContributions } from '../../../src/core/analysis/shapley-contributions.ts';
import { changeRows, parseChange, whatIf } from '../../../src/core/analysis/what-if.ts';
import type { Dataset } from '../../../src/core/models/dataset.ts';
import { seededRandom } from '../../../src/core/random.ts';

const COLORS = ['red', 'green', 'blue', null];

function rowsOf(seed: number, n: number): Dataset {
  const random = seededRandom(seed);
  return {
    rows: n,
    numeric: [
      { name: 'heat', values: Float64Array.from({ length: n }, () => random()) },
      {
        name: 'rain',
        values: Float64Array.from({ length: n }, () => (random() < 0.2 ? Number.NaN : random())),
      },
    ],
    categorical: [
      {
        name: 'color',
        values: Array.from({ length: n }, () => COLORS[Math.floor(4 * random())] ?? null),
      },
    ],
    label: new Float64Array(0),
  };
}

/** Additive: .1 + .3 heat + .2 rain (.05 where there is none) + .25 for red. */
async function additive(rows: Dataset): Promise<number[]> {
  const [heat, rain] = rows.numeric;
  return Array.from({ length: rows.rows }, (_, row) => {
    const wet = rain?.values[row] ?? Number.NaN;
    const red = rows.categorical[0]?.values[row] === 'red' ? 0.25 : 0;
    return 0.1 + 0.3 * (heat?.values[row] ?? 0) + (Number.isNaN(wet) ? 0.05 : 0.2 * wet) + red;
  });
}

/** The same with heat and color hanging together. */
async function joined(rows: Dataset): Promise<number[]> {
  const plain = await additive(rows);
  return plain.map((p, row) => {
    const red = rows.categorical[0]?.values[row] === 'red';
    return p - (red ? 0.4 * (rows.numeric[0]?.values[row] ?? 0) : 0);
  });
}

test('Shapley contributions and the base add up to the prediction, for any model', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1000), fc.nat(39), fc.boolean(), async (seed, row, together) => {
      const rows = rowsOf(seed, 40);
      const score = together ? joined : additive;
      const explained = await shapleyContributions({
        rows,
        row,
        background: rowsOf(seed + 1, 30),
        score,
        random: seededRandom(seed),
        draws: 8,
      });
      const sum = explained.contributions.reduce(
        (all, { contribution }) => all + contribution,
        explained.base,
      );
      assert.ok(Math.abs(sum - explained.prediction) < 1e-12);
      assert.equal(explained.prediction, (await score(rows))[row]);
    }),
    { numRuns: 40 },
  );
});

test('in an additive model each feature is credited with its own term against the background', async () => {
  const rows = rowsOf(3, 10);
  const background = rowsOf(4, 1);
  const { contributions } = await shapleyContributions({
    rows,
    row: 2,
    background,
    score: additive,
    random: seededRandom(1),
    draws: 5,
  });
  const heat = contributions.find(({ feature }) => feature === 'heat');
  const expected = 0.3 * ((rows.numeric[0]?.values[2] ?? 0) - (background.numeric[0]?.values[0] ?? 0));
  assert.ok(Math.abs((heat?.contribution ?? 0) - expected) < 1e-12);
  // One background row and no interaction: every order says the same.
  assert.ok((heat?.standardError ?? 1) < 1e-12);
});

test('partial dependence follows the term of its feature, and curves cross where features hang together', async () => {
  const rows = rowsOf(5, 300);
  const common = { rows, random: seededRandom(2), grid: 5 };
  const flat = await partialDependence({ ...common, feature: 'heat', score: additive });
  const [first, last] = [flat?.points.at(0), flat?.points.at(-1)];
  const rise = (last?.mean ?? 0) - (first?.mean ?? 0);
  const run = Number(last?.value) - Number(first?.value);
  assert.ok(Math.abs(rise - 0.3 * run) < 1e-9);
  assert.equal(flat?.n, 300);
  const crossing = await partialDependence({ ...common, feature: 'heat', score: joined });
  const slopes = new Set(
    crossing?.curves.map((curve) => Math.sign((curve.at(-1) ?? 0) - (curve.at(0) ?? 0))),
  );
  assert.deepEqual([...slopes].sort(), [-1, 1]);
  const colors = await partialDependence({ ...common, feature: 'color', score: additive });
  const red = colors?.points.find(({ value }) => value === 'red')?.mean ?? 0;
  const blue = colors?.points.find(({ value }) => value === 'blue')?.mean ?? 0;
  assert.ok(Math.abs(red - blue - 0.25) < 1e-9);
  assert.equal(await partialDependence({ ...common, feature: 'unknown', score: additive }), undefined);
});

test('a change is read as it is written, and nonsense is refused', () => {
  assert.deepEqual(parseChange('heat=3'), { feature: 'heat', how: 'set', value: 3 });
  assert.deepEqual(parseChange('heat-=2:color=red'), {
    feature: 'heat',
    how: 'add',
    value: -2,
    where: { field: 'color', value: 'red' },
  });
  assert.deepEqual(parseChange('color=null'), { feature: 'color', how: 'set', value: null });
  assert.deepEqual(parseChange('color=blue'), { feature: 'color', how: 'set', value: 'blue' });
  assert.deepEqual(parseChange('heat*=1.5'), { feature: 'heat', how: 'multiply', value: 1.5 });
  for (const text of ['heat', 'heat+=much', '=3', 'heat==']) {
    const change = parseChange(text);
    assert.ok(change === undefined || (change.how === 'set' && change.value === '='), text);
  }
});

test('what-if moves the predictions of the rows it changes and of no others', async () => {
  const rows = rowsOf(6, 200);
  const change = parseChange('heat+=0.1:color=red');
  assert.ok(change !== undefined);
  const answer = await whatIf({ rows, changes: [change], score: additive });
  assert.ok(answer.status === 'ok');
  const { result } = answer;
  const red = rows.categorical[0]?.values.filter((color) => color === 'red').length ?? 0;
  assert.equal(result.changed, red);
  result.predictions.forEach(({ before, after }, row) => {
    const moved = rows.categorical[0]?.values[row] === 'red' ? 0.03 : 0;
    assert.ok(Math.abs(after - before - moved) < 1e-12);
  });
  assert.ok(Math.abs(Number(result.after) - Number(result.before) - (0.03 * red) / 200) < 1e-12);
  assert.equal(result.down, 0);
  assert.equal(result.up, result.predictions.filter((one) => one.before < 0.5 && one.after >= 0.5).length);
});

test('a missing number stays missing when it is moved, and impossible changes are refused in words', () => {
  const rows = rowsOf(7, 100);
  const moved = changeRows(rows, [{ feature: 'rain', how: 'add', value: 1 }]);
  assert.ok(moved.status === 'ok');
  const missing = (one: Dataset) => one.numeric[1]?.values.filter((value) => Number.isNaN(value)).length;
  assert.equal(missing(moved.rows), missing(rows));
  assert.equal(moved.changed, 100 - (missing(rows) ?? 0));
  const refused = [
    { feature: 'wind', how: 'set', value: 1 },
    { feature: 'color', how: 'add', value: 1 },
    { feature: 'heat', how: 'set', value: 'hot' },
    { feature: 'heat', how: 'set', value: 1, where: { field: 'wind', value: '1' } },
  ] as const;
  for (const change of refused) assert.equal(changeRows(rows, [change]).status, 'bad');
});

test('residuals by time show when a model says too little', () => {
  const day = 86_400_000;
  const labels = Array.from({ length: 400 }, (_, row) => (row < 200 ? row % 2 : Number(row % 4 !== 0)));
  const found = residualsByTime({
    scored: { predictions: labels.map(() => 0.5), labels },
    eventTimesMs: labels.map((_, row) => (row < 200 ? 5 : 7) * day + row),
    stretchMs: day,
  });
  assert.deepEqual(
    found.map(({ startMs, mean, n }) => [startMs / day, mean, n]),
    [
      [5, 0, 200],
      [7, 0.25, 200],
    ],
  );
  assert.ok((found[1]?.standardError ?? 0) > 0.02 && (found[1]?.standardError ?? 1) < 0.04);
});

test('what-if of classes tells the mean of each and who is said to be another, and of numbers who rises', async () => {
  const rows = rowsOf(6, 200);
  const change = parseChange('heat+=0.4');
  assert.ok(change !== undefined);
  const chances = async (some: Dataset): Promise<number[]> =>
    Array.from(await additive(some)).flatMap((p) => [p / 2, 0.35, 0.65 - p / 2]);
  const task = { kind: 'multiclass', classes: ['a', 'b', 'c'] } as const;
  const said = await whatIf({ rows, changes: [change], score: chances, task });
  const one = await whatIf({ rows, changes: [change], score: additive, task: { kind: 'regression' } });
  assert.ok(said.status === 'ok' && one.status === 'ok');
  const { before, after, turned, up } = said.result;
  assert.ok(typeof before === 'object' && typeof after === 'object' && up === undefined);
  const moved = Number(one.result.after) - Number(one.result.before);
  assert.ok(Math.abs(moved - 0.4 * 0.3) < 1e-9);
  for (const [name, share] of Object.entries({ a: moved / 2, b: 0, c: -moved / 2 }))
    assert.ok(Math.abs((after[name] ?? 0) - (before[name] ?? 0) - share) < 1e-9, name);
  assert.deepEqual([one.result.up, one.result.down], [200, 0]);
  const likeliest = (scores: readonly number[]): string => 'abc'.charAt(scores.indexOf(Math.max(...scores)));
  const turns = Array.from({ length: 200 }, (_, row) =>
    (['before', 'after'] as const)
      .map((when) => likeliest(said.result.predictions.slice(row * 3, row * 3 + 3).map((p) => p[when])))
      .join(),
  ).filter((turn) => turn[0] !== turn[2]);
  assert.ok(turns.length > 10);
  assert.deepEqual(
    turned?.map(({ from, to, rows: n }) => [`${from},${to}`, n]).sort(),
    [...Map.groupBy(turns, (turn) => turn)].map(([turn, same]) => [turn, same.length]).sort(),
  );
});
