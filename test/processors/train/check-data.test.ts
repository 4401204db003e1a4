import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChampionData, checkData } from '../../../processors/train/check-data.ts';
import { DAY_MS, splitByTime } from '../../../processors/train/split-by-time.ts';
import type { Examples } from '../../../src/io/files/read-snapshot.ts';
import { machineModel } from '../../fixtures/loop.ts';
import { type MachineRow, machineRows } from '../../fixtures/machines.ts';

const START = Date.UTC(2024, 0, 1);
const { policy } = machineModel('machines');
const nobody: ChampionData = { status: 'unread', why: 'there is no champion' };
const rows = machineRows({ rows: 1_200, fromMs: START, days: 28, seed: 1 });

test('rows as they should be pass, and what could not be compared is said', () => {
  const { reasons, checks } = check(rows);
  assert.deepEqual(reasons, []);
  assert.deepEqual(
    [checks.compared_with, checks.not_compared, checks.warnings],
    [null, 'there is no champion', []],
  );
  const { reasons: again, checks: compared } = check(rows, earlier(machineRows({ ...SAME, seed: 2 })));
  assert.deepEqual([again, compared.compared_with, compared.warnings], [[], 'v1', []]);
  assert.ok(compared.checks > checks.checks);
});

test('each fault of the rows stops the training with its reason', () => {
  const newest = START + 21 * DAY_MS;
  const late = rows.filter(({ eventTimeMs }) => eventTimeMs >= newest);
  const ids = late.slice(0, 20).map(({ machine_id }) => machine_id);
  const shared = rows.map((row, at) => ({ ...row, machine_id: ids[at] ?? row.machine_id }));
  assert.match(String(check(shared).reasons), /^id-leakage: 20 of \d+ validation rows .* more than 1.0%$/);

  const turned = rows.map((row, at) => ({
    ...row,
    failed: Number(row.eventTimeMs >= newest ? at % 10 > 0 : at % 4 === 0),
  }));
  assert.match(
    String(check(turned).reasons),
    /^label-parity: 90% of \d+ validation labels are 1, 25% of \d+ training/,
  );

  const mauve = rows.map((row) => ({ ...row, color: row.color === 'red' ? row.color : 'mauve' }));
  assert.match(String(check(mauve, earlier(rows)).reasons), /^category-range: color: .* \(mauve\)/);

  const { eventTimesMs, ...examples } = examplesOf(rows);
  const timeless = {
    ...examples,
    eventTimesMs: eventTimesMs.map((time, row) => (row === 5 ? Number.NaN : time)),
  };
  const split = splitByTime({ ...examplesOf(rows), validationDays: 7 });
  assert.match(
    String(checkData({ task: YES_OR_NO, examples: timeless, split, policy, before: nobody }).reasons),
    /^time-order: 1 of 900/,
  );

  const absent = { ...examplesOf(rows), absent: ['load'] };
  assert.deepEqual(checkData({ task: YES_OR_NO, examples: absent, split, policy, before: nobody }).reasons, [
    'schema: the rows have no column load',
  ]);

  const rare = rows.map((row, at) => ({ ...row, failed: Number(at % 60 === 0) }));
  const strict = { ...policy, minimumPositives: 1, gate: { ...policy.gate, classShare: 0.05 } };
  const of = examplesOf(rare);
  assert.match(
    String(checkData({ task: YES_OR_NO, examples: of, split, policy: strict, before: nobody }).reasons),
    /^class-balance: 1.7% of 900 labels are 1: too few to learn from, under 5.0%$/,
  );
});

test('a changed world is a warning and no reason', () => {
  const hotter = rows.map((row) => ({ ...row, heat: row.heat === null ? null : row.heat + 4 }));
  const { reasons, checks } = check(hotter, earlier(rows));
  assert.deepEqual(reasons, []);
  assert.deepEqual(
    checks.warnings.map(({ check: name, feature }) => [name, feature]),
    [['distribution', 'heat']],
  );
});

const YES_OR_NO = { kind: 'classification' } as const;
const SAME = { rows: 1_200, fromMs: START, days: 28 };

function check(of: readonly MachineRow[], before = nobody): ReturnType<typeof checkData> {
  const examples = examplesOf(of);
  const split = splitByTime({ ...examples, validationDays: 7 });
  return checkData({ task: YES_OR_NO, examples, split, policy, before });
}

function earlier(of: readonly MachineRow[]): ChampionData {
  return { status: 'read', version: 'v1', dataset: examplesOf(of).dataset };
}

function examplesOf(of: readonly MachineRow[]): Examples {
  const numbers = (pick: (row: MachineRow) => number | null): Float64Array =>
    Float64Array.from(of, (row) => pick(row) ?? Number.NaN);
  return {
    ids: of.map(({ machine_id }) => machine_id),
    eventTimesMs: numbers(({ eventTimeMs }) => eventTimeMs),
    dataset: {
      rows: of.length,
      numeric: [
        { name: 'heat', values: numbers(({ heat }) => heat) },
        { name: 'load', values: numbers(({ load }) => load) },
      ],
      categorical: [{ name: 'color', values: of.map(({ color }) => color) }],
      label: numbers(({ failed }) => failed),
    },
  };
}
