import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ALL_STEPS, FAULT_KINDS, faultPlan } from '../../deploy/chaos/faults.ts';
import { missingFrom } from '../../deploy/chaos/outcome.ts';
import { runChaos } from '../../deploy/chaos/run-chaos.ts';
import { seededRandom } from '../../src/core/random.ts';
import { TEST_CACHE } from '../fixtures/own-stack.ts';

/** Each fault is waited out: a session that ends, a broker that comes back. */
const LONG = { timeout: 600_000 };

test(
  'twenty faults on a real stack, several at a time, leave rows, history, alerts and requests as they are without faults',
  LONG,
  async () => {
    const report = await runChaos({
      kills: 20,
      seed: 1,
      cache: TEST_CACHE,
      env: process.env,
      endHour: 80,
      perRound: 20,
      limitMs: 300_000,
      directory: join(tmpdir(), `driftwatch-chaos-test-${process.pid}`),
      say: () => undefined,
    });
    const show = JSON.stringify(report, null, 2);
    for (const kind of FAULT_KINDS)
      assert.ok((report.kinds[kind] ?? 0) + (report.replaced[kind] ?? 0) > 0, `${kind} ${show}`);
    assert.ok(report.windows > 500, show);
    assert.ok(report.alerts > 0, show);
    assert.deepEqual(
      {
        lost: report.lost,
        duplicated: report.duplicated,
        windows_differing: report.windows_differing,
        alerts_missing: report.alerts_missing,
        alerts_extra: report.alerts_extra,
        alerts_duplicated: report.alerts_duplicated,
      },
      {
        lost: 0,
        duplicated: 0,
        windows_differing: 0,
        alerts_missing: 0,
        alerts_extra: 0,
        alerts_duplicated: 0,
      },
      show,
    );
  },
);

test('a plan is the same for the same seed, and every labelled step has its turn in it', () => {
  const plan = faultPlan(seededRandom(5), 60);
  assert.deepEqual(plan, faultPlan(seededRandom(5), 60));
  assert.equal(plan.length, 60);
  const steps = new Set(plan.flatMap((fault) => (fault.kind === 'processor-at-step' ? [fault.step] : [])));
  assert.deepEqual(
    ALL_STEPS.filter((step) => !steps.has(step)),
    [],
  );
});

test('what two runs have in common is not a difference, and a line that is there twice is one', () => {
  assert.deepEqual(missingFrom(['a', 'b'], ['b', 'a']), []);
  assert.deepEqual(missingFrom(['a', 'b'], ['b', 'a', 'a']), ['a']);
  assert.deepEqual(missingFrom([], ['c']), ['c']);
});
