import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LabelledRow } from '../../../processors/detect/read-labelled.ts';
import { type AskedChange, nameChange, windowsToAsk } from '../../../processors/detect/tell-apart.ts';
import { labelledRows } from '../../../src/core/evaluation/labelled-rows.ts';
import { continueFinding, type Observation, openFinding } from '../../../src/core/incidents/finding.ts';
import { seededRandom } from '../../../src/core/random.ts';

const HOUR = 3_600_000;

test('a moved intercept that cannot be told from label shift at first is told when more windows have come', () => {
  const random = seededRandom(21);
  const sample = (rows: number, scenario: 'none' | 'changed intercept'): LabelledRow[] => {
    const { x, p, y } = labelledRows({ random, rows, scenario });
    return x.map((features, at) => ({ numbers: features, texts: [], p: p[at] ?? 0, y: y[at] ?? 0 }));
  };
  const reference = sample(8_000, 'none');
  const since = sample(8_000, 'changed intercept');
  const beganMs = 100 * HOUR;
  let asked: AskedChange | undefined;
  const said: [hours: number, verdict: string][] = [];
  for (let hours = 4; hours <= 32; hours += 1) {
    const span = windowsToAsk({ before: asked, beganMs, untilMs: beganMs + hours * HOUR });
    if (span === undefined) continue;
    const current = since.slice(0, 250 * ((span.untilMs - span.fromMs) / HOUR));
    asked = { change: nameChange({ reference, current }), ...span };
    said.push([hours, asked.change.verdict]);
  }
  assert.deepEqual(said.at(-1)?.[1], 'change of P(y|x)');
  assert.deepEqual(
    said.slice(0, -1).map(([, verdict]) => verdict),
    said.slice(0, -1).map(() => 'insufficient'),
  );
  assert.deepEqual(
    said.map(([hours]) => hours),
    [4, 8, 16, 32].slice(0, said.length),
    'each time they have doubled',
  );
  assert.ok(said.length > 1, 'the first windows were too few');
});

test('an incident takes the name of the change once it has one', () => {
  const at = (hour: number, effect: number, conceptChange: string): Observation => ({
    model: 'm',
    kind: 'concept-drift',
    class: 'log-loss',
    feature: 'log_loss',
    segment: '',
    verdict: 'drift',
    windowStartMs: hour * HOUR,
    windowEndMs: (hour + 1) * HOUR,
    beganMs: 0,
    effect,
    effectUnit: 'nats',
    evidence: conceptChange,
    harmful: true,
    conceptChange,
  });
  let finding = openFinding({
    observation: at(0, 0.3, 'insufficient'),
    incidentId: 'i',
    reportedMs: 0,
  });
  for (const observation of [at(1, 0.2, 'insufficient'), at(2, 0.1, 'label shift')])
    finding = continueFinding({ finding, observation, closeAfter: 3 });
  assert.equal(finding.worst.conceptChange, 'label shift');
  const larger = continueFinding({ finding, observation: at(3, 0.4, 'label shift'), closeAfter: 3 });
  assert.equal(larger.worst.effect, 0.4);
});
