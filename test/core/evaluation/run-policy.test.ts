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

function run(stream: PolicyStream, rule: RetrainRule, cost = 20): PolicyRun {
  const windows = policyWindows({ random: seededRandom(1), stream, windows: 60, rows: 100, before: 12 });
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
});

test('after a sudden change, waiting for the loss to have cost a retrain beats both never and always', () => {
  const chosen = run('sudden', costAware(DEFAULT_RULE));
  assert.ok(chosen.releases >= 1);
  assert.ok(chosen.regret < run('sudden', never).regret / 2);
  assert.ok(chosen.regret < run('sudden', always).regret);
});

test('the same seed gives the same run, and the cost of a retrain enters once per retrain', () => {
  assert.deepEqual(run('gradual', costAware(DEFAULT_RULE)), run('gradual', costAware(DEFAULT_RULE)));
  const [free, dear] = [run('recurring', always, 0), run('recurring', always, 10)];
  assert.ok(Math.abs(dear.regret - free.regret - 600) < 1e-6);
});
