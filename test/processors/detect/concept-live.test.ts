import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chooseLabels } from '../../../processors/detect/choose-labels.ts';
import type { LabelledRow } from '../../../processors/detect/read-labelled.ts';
import { nameChange } from '../../../processors/detect/tell-apart.ts';
import { labelledRows, type Scenario } from '../../../src/core/evaluation/labelled-rows.ts';
import { HOUR, START, type ToyRow } from '../../../src/core/evaluation/toy/toy-rows.ts';
import { type Random, seededRandom } from '../../../src/core/random.ts';
import { type DecidedToy, decidedToy, timesAt } from '../../fixtures/decided-toy.ts';

const TRAINING_HOURS = 4;
const CHANGE_HOUR = 24;
const END_HOUR = 34;
const ROWS_PER_HOUR = 300;
let toy: DecidedToy;

before(async () => {
  toy = await decidedToy({
    rows: rowsOf(5),
    trainingHours: TRAINING_HOURS,
    labelled: true,
    settings: { joint: false },
  });
  const evaluator = await toy.open();
  await evaluator.advance(timesAt(END_HOUR));
});

after(() => toy.close());

test('a concept drift says that P(y|x) changed, in every window that it lasts', async () => {
  const verdicts = await toy.verdictsOn('log_loss');
  const drift = verdicts.filter(({ verdict }) => verdict === 'drift');
  assert.ok(drift.length > 3, `${drift.length} windows`);
  assert.ok((drift[0]?.hour ?? 0) >= CHANGE_HOUR);
  const [first] = drift.map(({ evidence }) => evidence.split('; ').at(-1));
  assert.match(
    first ?? '',
    /^change of P\(y\|x\): the same features mean another label \(p [\d.e-]+, \d+ labelled/,
  );
  assert.deepEqual(new Set(drift.map(({ evidence }) => evidence.split('; ').at(-1))), new Set([first]));
  for (const { verdict, evidence } of verdicts)
    if (verdict !== 'drift') assert.doesNotMatch(evidence, /P\(y\|x\)/);
});

test('the alert and the row of the incident say so too', async () => {
  const alert = toy.events.find(
    ({ type, value }) => type === 'driftwatch.incident.open' && value['kind'] === 'concept-drift',
  );
  assert.equal(alert?.value['concept_change'], 'change of P(y|x)');
  assert.match(String(alert?.value['summary']), /change of P\(y\|x\)/);
});

test('a processor that starts over says the same', async () => {
  const before = await toy.verdictsOn('log_loss');
  const evaluator = await toy.open();
  await evaluator.advance(timesAt(END_HOUR));
  assert.deepEqual(await toy.verdictsOn('log_loss'), before);
});

test('the ids to label next are those without a label that the model is unsure of', async () => {
  const { clickhouse, view } = toy;
  const fromMs = START + END_HOUR * HOUR;
  const window = { clickhouse, view, fromMs, untilMs: fromMs + HOUR, count: 3 };
  assert.deepEqual(await chooseLabels(window), { requests: [], unlabelled: 0, reference: 4 * ROWS_PER_HOUR });
  const served = Array.from({ length: 30 }, (_, at) => ({
    id: `u${at}`,
    event_time: new Date(fromMs + at).toISOString(),
    x: at % 3,
    z: at === 9 ? null : 5,
    c: 'red',
    g: 'a',
    prediction: at < 4 ? 0.5 : 0.97,
    model_version: 'v1',
    _partition: 0,
    _offset: 1_000_000 + at,
    _schema_id: 1,
  }));
  await clickhouse.insert('serving_toy', served);
  const label = { id: 'u0', event_time: new Date(fromMs).toISOString(), y: 1, _partition: 0, _schema_id: 1 };
  await clickhouse.insert('labels_toy', [{ ...label, _offset: 1_000_000 }]);
  const { requests, unlabelled } = await chooseLabels(window);
  assert.equal(unlabelled, 29);
  assert.deepEqual(requests.map(({ id }) => id).toSorted(), ['u1', 'u2', 'u3']);
  assert.match(requests[0]?.reason ?? '', /^the model is unsure \(50% for label 1\)/);
});

test('covariate drift, label shift and too little overlap are told apart, with categories among the features', () => {
  const said = (scenario: Scenario) => {
    const random = seededRandom(17);
    const reference = sample(random, 6_000, 'none');
    return nameChange({ reference, current: sample(random, 3_000, scenario) });
  };
  assert.equal(said('none').verdict, 'none');
  assert.equal(said('covariate drift').verdict, 'covariate drift');
  assert.match(said('covariate drift').sentence, /^covariate drift: other features came/);
  assert.equal(said('label shift').verdict, 'label shift');
  assert.match(said('label shift').sentence, /the odds of label 1 are [12]\.\d+ times what they were/);
  assert.equal(said('changed coefficients').verdict, 'change of P(y|x)');
  assert.equal(said('strong covariate drift').verdict, 'insufficient');
  assert.match(
    said('strong covariate drift').sentence,
    /^what changed cannot be told: \d+ of \d+ reference rows/,
  );
});

/** From `CHANGE_HOUR` on x means the opposite. */
function rowsOf(seed: number): ToyRow[] {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const logistic = (x: number) => 1 / (1 + Math.exp(-x));
  return Array.from({ length: END_HOUR * ROWS_PER_HOUR }, (_, at) => {
    const hour = Math.floor(at / ROWS_PER_HOUR);
    const x = normal();
    const c = random() < 0.6 ? 'red' : 'green';
    const odds = (sign: number) => sign * 1.5 * x + (c === 'red' ? 0.5 : 0) - 0.5;
    return {
      id: `e${at}`,
      hour,
      eventTimeMs: START + Math.floor((at * HOUR) / ROWS_PER_HOUR),
      x,
      z: 5 + 2 * normal(),
      c,
      g: random() < 0.5 ? 'a' : 'b',
      y: random() < logistic(odds(hour < CHANGE_HOUR ? 1 : -1)) ? 1 : 0,
      p: logistic(odds(1)),
    };
  });
}

/** The rows of a scenario, the third feature cut into categories. */
function sample(random: Random, rows: number, scenario: Scenario): LabelledRow[] {
  const { x, p, y } = labelledRows({ random, rows, scenario });
  return x.map((features, at) => ({
    numbers: Array.from(features),
    texts: [(features[3] ?? 0) > 0 ? 'up' : 'down'],
    p: p[at] ?? 0,
    y: y[at] ?? 0,
  }));
}
