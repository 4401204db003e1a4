import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budgetOfModel, splitBudget } from '../processors/detect/error-budget.ts';
import { parseConfig } from '../src/config.ts';

const HOUR = 3_600_000;
const modelOf = (model: object) => parseConfig({ models: { toy: model } }, 'test').models['toy'];

test('with a daily season 28 windows of every hour are kept, and half of them are needed', () => {
  const hourly = modelOf({ pane: '1h', season: 'day' });
  assert.deepEqual([hourly?.trailing, hourly?.minimum_windows], [672, 336]);
  const quarters = modelOf({ pane: '15m', season: 'day' });
  assert.equal(quarters?.trailing, 2_688);
  const daily = modelOf({});
  assert.deepEqual([daily?.season, daily?.trailing, daily?.minimum_windows], ['week', 28, 14]);
  const own = modelOf({ pane: '1h', season: 'day', trailing: 100, minimum_windows: 30 });
  assert.deepEqual([own?.trailing, own?.minimum_windows], [100, 30]);
});

test('rows are taken as independent at the start only when the configuration says so', () => {
  assert.equal(modelOf({})?.start_up, 'insufficient');
  assert.equal(modelOf({ start_up: 'independent-rows' })?.start_up, 'independent-rows');
  assert.throws(() => modelOf({ start_up: 'ok' }));
});

test('the budget is that of all models together', () => {
  const models = { one: {}, two: {}, three: {} };
  const config = parseConfig({ budget: { false_pages: 2, per: '30d' }, models }, 'test');
  const budget = budgetOfModel(config);
  assert.equal(budget.falsePages * 3, 2);
  // Every test of every model made in every hour of the period.
  const { alpha, evidenceAt } = splitBudget({ ...budget, paneMs: HOUR, cells: 40 });
  assert.ok(Math.abs(3 * 40 * 720 * (alpha + 1 / evidenceAt) - 2) < 1e-9);
});
