import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageCost, sayCost } from '../../../processors/backtest/page-cost.ts';
import type { Page } from '../../../processors/backtest/replay.ts';
import type { DriftKind } from '../../../src/core/incidents/finding.ts';

function pageOf(kind: DriftKind): Page {
  const incident = {
    id: 'i',
    revision: 0,
    model: 'm',
    kind,
    status: 'resolved',
    severity: 'ALERT',
    beganMs: 20,
    openedMs: 30,
    findings: [],
    features: [],
    segments: [],
    cause: '',
    summary: '',
    firstMover: { kind, feature: '', segment: '' },
    conceptChange: '',
    reason: '',
  } as const;
  return { incident, atMs: 30, untilMs: 40 };
}

// Two windows within the page, three outside, of which the usual loss is .5 a row.
const realised = [
  { startMs: 0, n: 100, loss: 40 },
  { startMs: 10, n: 100, loss: 60 },
  { startMs: 20, n: 50, loss: 45 },
  { startMs: 30, n: 50, loss: 30 },
  { startMs: 40, n: 100, loss: 50 },
];
const estimated = realised.map((one) => ({ ...one, n: one.n * 2, loss: one.loss }));

test('by hand: the loss within the windows of a page beyond the usual, realised before estimated', () => {
  const cost = pageCost({ page: pageOf('data-drift'), realised, estimated });
  assert.deepEqual(cost, { status: 'ok', metric: 'log-loss', basis: 'realised', nats: 75 - 50, n: 100 });
  assert.equal(sayCost(cost), 'cost +25 nats of log-loss over 100 labels');
  const guess = pageCost({ page: pageOf('data-drift'), realised: [], estimated });
  assert.deepEqual(guess, { status: 'ok', metric: 'log-loss', basis: 'estimated', nats: 75 - 50, n: 200 });
});

test('predictions say nothing of the cost of a concept drift, and nothing says nothing', () => {
  const blind = pageCost({ page: pageOf('concept-drift'), realised: [], estimated });
  assert.equal(blind.status, 'insufficient');
  const none = pageCost({ page: pageOf('data-drift'), realised: [], estimated: [] });
  assert.equal(sayCost(none), 'cost insufficient: neither labels nor predictions in the files');
  const never = pageCost({ page: pageOf('data-drift'), realised: realised.slice(2, 4), estimated: [] });
  assert.match(sayCost(never), /both within its windows and outside/);
});
