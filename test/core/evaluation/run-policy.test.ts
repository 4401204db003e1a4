import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PolicyStream, policyWindows } from '../../../src/core/evaluation/policy-streams.ts';
import { type PolicyRun, runPolicy } from '../../../src/core/evaluation/run-policy.ts';
import {
  always,
  costAware,
  DEFAULT_RULE,
  never,
  type RetrainRule,
} from '../../../src/core/incidents/retrain-rules.ts';
import { seededRandom } from '../../../src/core/random.ts';

function run(stream: PolicyStream, rule: RetrainRule, cost = 20, count = 60): PolicyRun {
  const windows = policyWindows({ random: seededRandom(1), stream, windows: count, rows: 100, before: 12 });
  return runPolicy({
    windows,
    rule,
    cost,
    before: 12,
    memory: 12,
    validation: 3,
    delay: 1,
    fromOnset: true,
  });
}

test('never spends nothing and always spends in every window', () => {
  const [idle, busy] = [run('none', never), run('none', always)];
  assert.deepEqual([idle.rows, idle.retrains, idle.releases], [6_000, 0, 0]);
  assert.equal(busy.retrains, 60);
  // What always loses beyond its cost is near what never loses: there was nothing to gain.
  assert.ok(Math.abs(busy.regret - 60 * 20 - idle.regret) < 60);
  assert.ok(idle.regret > 0 && idle.regret < 100, String(idle.regret));
  for (const { regret, regrets } of [idle, busy]) {
    assert.equal(regrets.length, 60);
    assert.ok(Math.abs(regrets.reduce((sum, one) => sum + one, 0) - regret) < 1e-9);
  }
  assert.ok(busy.regrets.every((one, at) => Math.abs(one - 20 - (idle.regrets[at] ?? 0)) < 30));
});

test('after a sudden change, waiting for the loss to have cost a retrain beats both never and always', () => {
  const chosen = run('sudden', costAware(DEFAULT_RULE));
  assert.ok(chosen.releases >= 1);
  assert.ok(chosen.regret < run('sudden', never).regret / 2);
  assert.ok(chosen.regret < run('sudden', always).regret);
});

test('after a change that goes on, a retrain that follows costs less than it gains', () => {
  const once = run('gradual', costAware({ ...DEFAULT_RULE, followUp: 0 }), 20, 180);
  const twice = run('gradual', costAware(DEFAULT_RULE), 20, 180);
  assert.ok(twice.retrains > once.retrains);
  assert.ok(twice.regret < once.regret, `${twice.regret}, ${once.regret}`);
});

test('the same seed gives the same run, and the cost of a retrain enters once per retrain', () => {
  assert.deepEqual(run('gradual', costAware(DEFAULT_RULE)), run('gradual', costAware(DEFAULT_RULE)));
  const [free, dear] = [run('recurring', always, 0), run('recurring', always, 10)];
  assert.ok(Math.abs(dear.regret - free.regret - 600) < 1e-6);
});
