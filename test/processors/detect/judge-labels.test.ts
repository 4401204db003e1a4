import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeLabels, NO_CONCEPT } from '../../../processors/detect/judge-labels.ts';
import { expectedFalsePagesOf } from '../../../processors/detect/ledger-row.ts';
import type { VersionReference } from '../../../processors/detect/references.ts';
import type { ModelView } from '../../../processors/panes/model-view.ts';
import { NO_RANGES } from '../../../processors/panes/rows.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { plainView } from '../../fixtures/plain-view.ts';

const VIEW = plainView({ features: [] });
const REFERENCE: VersionReference = {
  version: 'v1',
  id: 'r',
  categories: new Map(),
  cell: () => undefined,
  performance: { logLoss: 0.3, rows: 2_000 },
  windows: 60,
};
const ROWS = 300;
const EVIDENCE_AT = 14_400;

/** Windows of losses around 0.3 nats with good and bad days; the last `high` windows lie 0.09 higher. */
function judged(windows: number, high: number, task: ModelView['task'] = 'classification') {
  const random = seededRandom(8);
  let state = NO_CONCEPT;
  const past = [];
  const all = [];
  for (let at = 0; at < windows; at += 1) {
    const level = 0.3 + 0.1 * (random() - 0.5) + (at >= windows - high ? 0.09 : 0);
    const losses = Array.from({ length: ROWS }, () => level * 2 * random());
    const loss = losses.reduce((sum, one) => sum + one, 0);
    const row = {
      pane_start: at,
      segment: '',
      n: ROWS,
      unmatched: 0,
      positives: 30,
      loss,
      loss_squares: 0,
      expected: 0.3 * ROWS,
      excess_squares: 20,
      brier: 20,
      predicted: 30,
      errors: 10,
    };
    const result = judgeLabels({
      view: { ...VIEW, task },
      window: {
        startMs: at,
        endMs: at + 1,
        revision: 0,
        version: 'v1',
        ranges: NO_RANGES,
        rows: ROWS,
        streamTimeMs: at,
      },
      rows: [row],
      losses,
      reference: REFERENCE,
      state,
      past,
      limits: {
        minimumRows: 200,
        minimumWindows: 14,
        evidenceAt: EVIDENCE_AT,
        closeAfter: 3,
        nats: 0.05,
        share: 0.05,
      },
    });
    state = result.state;
    past.push(row);
    const kinds = result.verdicts.map(({ feature }) => feature);
    assert.deepEqual(kinds, task === 'regression' ? ['log_loss'] : ['log_loss', 'calibration_gap']);
    all.push(result.verdicts.find(({ feature }) => feature === 'log_loss') ?? assert.fail());
  }
  return all;
}

test('an alarm of ADWIN on the losses is told and pages nobody by itself', () => {
  const verdicts = judged(34, 4);
  const alarmed = verdicts.filter(({ detail }) => detail['adwin_alarm'] === true);
  assert.ok(alarmed.length > 0, 'ADWIN alarms');
  const last = verdicts.at(-1) ?? assert.fail();
  assert.ok((last.effect ?? 0) > 0.05, 'the effect is above its floor');
  assert.ok(Number(last.detail['over_windows']) < EVIDENCE_AT, 'and the evidence below its threshold');
  assert.ok(verdicts.every(({ verdict }) => verdict !== 'drift'));
  assert.match(alarmed[0]?.evidence ?? '', /ADWIN alarms on the loss too$/);
});

test('every concept-drift verdict that can page is counted in the ledger, and nothing else can', () => {
  const verdicts = judged(60, 30);
  const opened = verdicts.findIndex(({ verdict }) => verdict === 'drift');
  assert.equal(verdicts[opened]?.detail['channel'], 'windows');
  assert.ok(Number(verdicts[opened]?.detail['over_windows']) >= EVIDENCE_AT);
  const judgedWindows = verdicts.filter(({ verdict }) => verdict !== 'insufficient').length;
  assert.ok(Math.abs(expectedFalsePagesOf(verdicts) - judgedWindows / EVIDENCE_AT) < 1e-12);
});

test('losses of classes and of numbers are judged like those of yes or no, but a number has no calibration gap', () => {
  const told = judged(60, 12);
  for (const task of ['multiclass', 'regression'] as const) assert.deepEqual(judged(60, 12, task), told);
  assert.ok(told.some(({ verdict }) => verdict === 'drift'));
});
