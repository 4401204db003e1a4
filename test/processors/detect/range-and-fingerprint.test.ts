import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSE_FINDING_AFTER } from '../../../processors/detect/evaluate.ts';
import { explainSkew } from '../../../processors/detect/explain-skew.ts';
import { judgeContractValues, type WindowFacts } from '../../../processors/detect/judge-serving.ts';
import { judgeSkew } from '../../../processors/detect/judge-skew.ts';
import { cellKey } from '../../../processors/detect/references.ts';
import { observationOf, type Verdict } from '../../../processors/detect/verdict.ts';
import { alertEvent, incidentRow } from '../../../processors/incidents/report.ts';
import { NO_RANGES } from '../../../processors/panes/rows.ts';
import type { Pair } from '../../../src/core/fingerprints/pair.ts';
import { advanceIncidents, NO_INCIDENTS, type Transition } from '../../../src/core/incidents/advance.ts';
import { numberColumn } from '../../../src/core/windows/column.ts';
import { reduceColumn } from '../../../src/core/windows/reduce-column.ts';
import { plainView } from '../../fixtures/plain-view.ts';

const HOUR = 3_600_000;
const ROWS = 300;
const view = plainView({
  features: [
    {
      kind: 'numeric',
      field: {
        name: 'temperature_f',
        role: 'feature',
        kind: 'numeric',
        avro: 'double',
        nullable: true,
        unit: 'degF',
        range: { min: 14, max: 120 },
      },
    },
  ],
});

/** Serving sends degrees Celsius. */
const pairs = Array.from({ length: ROWS }, (_, at): Pair => {
  const training = 20 + ((at * 37) % 301) / 5;
  return { id: `e${at}`, training, serving: ((training - 32) * 5) / 9, attributes: {} };
});
const window: WindowFacts = {
  startMs: 0,
  endMs: HOUR,
  revision: 0,
  version: 'v1',
  ranges: NO_RANGES,
  rows: ROWS,
  streamTimeMs: HOUR,
};

function brokenRange(): Verdict[] {
  const values = pairs.map(({ serving }) => Number(serving));
  const pane = reduceColumn({
    column: numberColumn({ name: 'temperature_f', form: 'number', values, missing: values.map(() => 0) }),
    rows: values.map((_, row) => row),
    bins: { kind: 'numeric', edges: [0] },
    rules: { min: 14, max: 120 },
  });
  const panes = new Map([[cellKey('temperature_f', ''), [{ startMs: 0, pane }]]]);
  return judgeContractValues({ view, window, panes, allowed: 0.001, alpha: 1e-6, minimumRows: 200 });
}

/** Training rows come a day and a half later: only then there is something to join. */
async function skew(): Promise<readonly Verdict[]> {
  const total = (side: 'training' | 'serving') =>
    pairs.reduce((sum, { [side]: value }) => sum + Number(value), 0);
  const row = {
    segment: '',
    feature: 'temperature_f',
    joined: ROWS,
    training_only: 0,
    serving_only: 0,
    matches: 0,
    mismatches: ROWS,
    training_value_only: 0,
    serving_value_only: 0,
    both_null: 0,
    difference: 0,
    training_total: total('training'),
    serving_total: total('serving'),
  };
  const verdicts = judgeSkew({ view, window, rows: [row], floor: 0.01, alpha: 1e-6, minimumRows: 20 });
  return explainSkew({
    view,
    verdicts,
    pairsOf: async () => ({ mismatching: pairs, matching: [], matchingTotal: 0 }),
  });
}

test('an incident of a broken range is updated, on the topic of alerts too, with the fingerprint that comes later', async () => {
  const limits = { groupWithinMs: 6 * HOUR, closeAfter: CLOSE_FINDING_AFTER };
  const opened = advanceIncidents({
    ...limits,
    state: NO_INCIDENTS,
    observations: brokenRange().map(observationOf),
    streamTimeMs: HOUR,
  });
  const { state, transitions } = advanceIncidents({
    ...limits,
    state: opened.state,
    observations: (await skew()).map(observationOf),
    streamTimeMs: 37 * HOUR,
  });
  const [first, second] = [...opened.transitions, ...transitions].map(alertOf);
  assert.equal(state.incidents.size, 1);
  assert.deepEqual(
    [first, second].map((value) => [value?.['transition'], value?.['kind'], value?.['revision']]),
    [
      ['open', 'schema-skew', 0],
      ['update', 'schema-skew', 1],
    ],
  );
  assert.equal(first?.['incident_id'], second?.['incident_id']);
  assert.doesNotMatch(String(first?.['cause']), /degC/);
  for (const name of ['cause', 'summary']) {
    const said = String(second?.[name]);
    assert.match(said, /FLOAT_TYPE_SMALL_FLOAT: \d+ of 300 values are below 14/);
    assert.match(said, /serving = \(training - 32\) x 5\/9 \(unit: degF sent as degC\), 100% of 300 ids/);
  }
});

function alertOf(transition: Transition): Readonly<Record<string, unknown>> {
  const facts = { cost: { status: 'insufficient', n: 0 } } as const;
  return alertEvent(incidentRow({ transition, facts, reportedMs: HOUR, retrain: '' })).value;
}
