import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitBudget } from '../../../processors/detect/error-budget.ts';
import { ledgerEntry, ledgerToDate } from '../../../src/core/evidence/budget-ledger.ts';

const HOUR = 3_600_000;
const BUDGET = { falsePages: 1, perMs: 720 * HOUR };

test('a month of windows with every test made spends the budget exactly', () => {
  const { alpha, evidenceAt } = splitBudget({ ...BUDGET, paneMs: HOUR, cells: 20 });
  assert.equal(evidenceAt, 28_800);
  const tests = Array.from({ length: 20 }, () => ({ alpha, evidenceAt, alarm: false }));
  const month = new Array(720).fill(ledgerEntry({ tests, budget: BUDGET, paneMs: HOUR }));
  const totals = ledgerToDate(month);
  assert.equal(totals.windows, 720);
  assert.equal(totals.windowTests, 14_400);
  assert.ok(Math.abs(totals.budget - 1) < 1e-9 && Math.abs(totals.expected - 1) < 1e-9);
  assert.ok(Math.abs(totals.left) < 1e-9);
});

test('tests that could not be made cost nothing, and alarms are counted', () => {
  const entry = ledgerEntry({
    tests: [{ alarm: false }, { alpha: 0.001, alarm: true }, { evidenceAt: 500, alarm: false }],
    budget: BUDGET,
    paneMs: 24 * HOUR,
  });
  assert.deepEqual(entry, { windowTests: 1, evidenceTests: 1, budget: 1 / 30, expected: 0.003, alarms: 1 });
  assert.ok(ledgerToDate([entry]).left > 0.03);
});

test('nothing judged is nothing spent', () => {
  assert.deepEqual(ledgerToDate([]), {
    windows: 0,
    windowTests: 0,
    evidenceTests: 0,
    budget: 0,
    expected: 0,
    left: 0,
    alarms: 0,
  });
});
