import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelNext } from '../../../src/core/concept/label-next.ts';
import { labelledRows, type Scenario } from '../../../src/core/evaluation/labelled-rows.ts';
import type { ClassAnswer } from '../../../src/core/performance/answers.ts';
import { seededRandom, shuffledPositions } from '../../../src/core/random.ts';

function window(seed: number, scenario: Scenario) {
  const random = seededRandom(seed);
  const reference = labelledRows({ random, rows: 2_000, scenario: 'none' });
  const current = labelledRows({ random, rows: 1_000, scenario });
  const rows = current.x.map((x, at) => ({ id: `id-${at}`, x, p: current.p[at] ?? 0.5 }));
  return { random, reference: reference.x, rows, labels: current.y };
}

test('the ids are the most informative first, each with a reason, and never more than asked for', () => {
  const { reference, rows } = window(1, 'covariate drift');
  const list = labelNext({ reference, current: rows, count: 20 });
  assert.equal(list.length, 20);
  assert.equal(new Set(list.map(({ id }) => id)).size, 20);
  for (const [at, { information, p, densityRatio, reason }] of list.entries()) {
    assert.ok(information <= (list[at - 1]?.information ?? Number.POSITIVE_INFINITY));
    assert.ok(information > 1 && Number(p) > 0 && Number(p) < 1 && densityRatio > 0);
    assert.match(reason, /worth \d+\.\d average labels$/);
  }
  assert.equal(labelNext({ reference, current: rows, count: 5_000 }).length, 1_000);
  assert.deepEqual(labelNext({ reference, current: [], count: 5 }), []);
});

test('the list does not depend on the order of the rows', () => {
  const { random, reference, rows } = window(2, 'covariate drift');
  const shuffled = Array.from(
    shuffledPositions(random, rows.length),
    (at) => rows[at] ?? { id: '', x: [], p: 0 },
  );
  const ids = (current: typeof rows): string[] =>
    labelNext({ reference, current, count: 30 }).map(({ id }) => id);
  assert.deepEqual(ids(shuffled), ids(rows));
});

test('two classes give the list of a yes and a no, a third adds what it is unsure of, and of numbers the frequency decides', () => {
  const { reference, rows } = window(3, 'covariate drift');
  const classed = (p: number): ClassAnswer => ({
    label: p < 0.5 ? 'no' : 'yes',
    probabilities: { no: 1 - p, yes: p },
  });
  const one = labelNext({ reference, current: rows, count: 50 });
  const two = labelNext({
    reference,
    current: rows.map((row) => ({ ...row, p: classed(row.p) })),
    count: 50,
    task: 'multiclass',
  });
  const short = (list: typeof one) => list.map(({ id, information }) => [id, information.toFixed(9)]);
  assert.deepEqual(short(two), short(one));
  assert.match(two[0]?.reason ?? '', /\d+% for (no|yes)/);

  const sure = { label: 'a', probabilities: { a: 0.9, b: 0.05, c: 0.05 } };
  const torn = { label: 'a', probabilities: { a: 0.34, b: 0.33, c: 0.33 } };
  const x = rows[0]?.x ?? [];
  const [first, second] = labelNext({
    reference,
    current: [
      { id: 'sure', x, p: sure },
      { id: 'torn', x, p: torn },
    ],
    count: 2,
    task: 'multiclass',
  });
  assert.deepEqual([first?.id, second?.id], ['torn', 'sure']);
  const ratio = (first?.information ?? 0) / (second?.information ?? 1);
  assert.ok(Math.abs(ratio - (0.34 * 0.66 + 2 * 0.33 * 0.67) / (0.9 * 0.1 + 2 * 0.05 * 0.95)) < 1e-9);

  const numbers = labelNext({ reference, current: rows, count: 50, task: 'regression' });
  for (const [at, { densityRatio, reason }] of numbers.entries()) {
    assert.ok(densityRatio <= (numbers[at - 1]?.densityRatio ?? Number.POSITIVE_INFINITY));
    assert.match(reason, /the model says .*, and not how sure it is/);
  }
});

test('a hundred labels of the list show a changed coefficient more often than a hundred at random', () => {
  const wins = { list: 0, random: 0 };
  for (let seed = 0; seed < 60; seed += 1) {
    const { random, reference, rows, labels } = window(
      100 + seed,
      'covariate drift and changed coefficients',
    );
    const position = new Map(rows.map(({ id }, at) => [id, at]));
    const listed = labelNext({ reference, current: rows, count: 100 }).map(({ id }) => position.get(id) ?? 0);
    const drawn = [...shuffledPositions(random, rows.length).subarray(0, 100)];
    if (Math.abs(z(rows, labels, listed)) > 2.58) wins.list += 1;
    if (Math.abs(z(rows, labels, drawn)) > 2.58) wins.random += 1;
  }
  assert.ok(wins.list > wins.random, JSON.stringify(wins));
});

test('choosing by the list does not itself make residuals unfair', () => {
  let flagged = 0;
  for (let seed = 0; seed < 60; seed += 1) {
    const { reference, rows } = window(300 + seed, 'covariate drift');
    const random = seededRandom(900 + seed);
    // Labels drawn from the model's own probabilities: nothing changed.
    const labels = rows.map(({ p }) => Number(random() < p));
    const position = new Map(rows.map(({ id }, at) => [id, at]));
    const listed = labelNext({ reference, current: rows, count: 100 }).map(({ id }) => position.get(id) ?? 0);
    if (Math.abs(z(rows, labels, listed)) > 2.58) flagged += 1;
  }
  assert.ok(flagged <= 3, `${flagged} of 60`);
});

/** Standard errors by which labels differ from the model's probabilities along the first feature. */
function z(
  rows: readonly { readonly x: ArrayLike<number>; readonly p: number }[],
  labels: ArrayLike<number>,
  positions: readonly number[],
): number {
  let [sum, variance] = [0, 0];
  for (const at of positions) {
    const { x = [], p = 0.5 } = rows[at] ?? {};
    sum += ((labels[at] ?? 0) - p) * (x[0] ?? 0);
    variance += p * (1 - p) * (x[0] ?? 0) ** 2;
  }
  return sum / Math.sqrt(variance);
}
