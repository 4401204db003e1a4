import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advanceIncidents, type IncidentState, NO_INCIDENTS } from '../../../src/core/incidents/advance.ts';
import type { Observation } from '../../../src/core/incidents/finding.ts';
import {
  decideRetrain,
  examplesFor,
  type RetrainPolicy,
} from '../../../src/core/incidents/retrain-policy.ts';

const DAY = 86_400_000;

function seen(part: Partial<Observation> & { day: number }): Observation {
  const { day, ...rest } = part;
  return {
    model: 'm',
    kind: 'distribution-skew',
    class: 'psi',
    feature: 'a',
    segment: '',
    verdict: 'drift',
    windowStartMs: day * DAY,
    windowEndMs: (day + 1) * DAY,
    beganMs: day * DAY,
    effect: 1,
    effectUnit: 'sd',
    evidence: 'moved',
    harmful: true,
    ...rest,
  };
}

function days(rounds: readonly (readonly Observation[])[], start: IncidentState = NO_INCIDENTS) {
  let state = start;
  const names: string[] = [];
  for (const [day, observations] of rounds.entries()) {
    const step = advanceIncidents({
      state,
      observations,
      streamTimeMs: (day + 1) * DAY,
      groupWithinMs: 3 * DAY,
      closeAfter: 2,
    });
    state = step.state;
    for (const { name, incident } of step.transitions) names.push(`${day}:${name}:${incident.kind}`);
  }
  return { state, names };
}

test('a run of drift is one finding and one incident, however many windows it has', () => {
  const { state, names } = days([0, 1, 2, 3].map((day) => [seen({ day })]));
  assert.deepEqual(names, ['0:open:distribution-skew']);
  assert.equal([...state.findings.values()][0]?.windows, 4);
});

test('a finding closes after the calm windows asked for, and its incident resolves with it', () => {
  const calm = (day: number) => seen({ day, verdict: 'ok' });
  const { names } = days([[seen({ day: 0 })], [calm(1)], [calm(2)], [calm(3)]]);
  assert.deepEqual(names, ['0:open:distribution-skew', '2:resolve:distribution-skew']);
});

test('an insufficient window neither calms nor alarms', () => {
  const { state, names } = days([
    [seen({ day: 0 })],
    [seen({ day: 1, verdict: 'insufficient' })],
    [seen({ day: 2, verdict: 'ok' })],
  ]);
  assert.deepEqual(names, ['0:open:distribution-skew']);
  assert.equal([...state.findings.values()][0]?.status, 'open');
});

test('features that begin to drift together are one incident, features that begin later another', () => {
  const together = days([[seen({ day: 0 })], [seen({ day: 1, feature: 'b', kind: 'data-drift' })]]);
  assert.deepEqual(together.names, ['0:open:distribution-skew', '1:update:distribution-skew']);
  const apart = days([[seen({ day: 0 })], [], [], [], [], [seen({ day: 5, feature: 'b' })]]);
  assert.deepEqual(apart.names, ['0:open:distribution-skew', '5:open:distribution-skew']);
});

test('drift of a feature that is skewed belongs to the skew', () => {
  const { state, names } = days([
    [seen({ day: 0, kind: 'feature-skew' })],
    [],
    [],
    [],
    [],
    [],
    [seen({ day: 6 })],
  ]);
  assert.deepEqual(names, ['0:open:feature-skew']);
  assert.equal(state.incidents.size, 1);
  assert.equal(state.findings.size, 2);
});

test('skew and concept drift are two causes', () => {
  const { state } = days([
    [seen({ day: 0, kind: 'feature-skew' }), seen({ day: 0, kind: 'concept-drift', feature: 'log_loss' })],
  ]);
  assert.equal(state.incidents.size, 2);
});

test('ids depend on what the incident is about and on nothing else', () => {
  const one = days([[seen({ day: 0 }), seen({ day: 0, feature: 'b' })]]);
  const other = days([[seen({ day: 0, feature: 'b' }), seen({ day: 0 })]]);
  assert.deepEqual([...one.state.incidents.keys()], [...other.state.incidents.keys()]);
  assert.deepEqual([...one.state.findings.keys()].sort(), [...other.state.findings.keys()].sort());
});

test('a drift that comes back after it closed is a new incident', () => {
  const { state } = days([
    [seen({ day: 0 })],
    [seen({ day: 1, verdict: 'ok' })],
    [seen({ day: 2, verdict: 'ok' })],
    [seen({ day: 3 })],
  ]);
  assert.equal(state.incidents.size, 2);
});

const policy: RetrainPolicy = {
  on: ['concept-drift'],
  coolDownMs: 10 * DAY,
  waitMs: 0,
  followUpMs: 14 * DAY,
  fromOnset: true,
  windowMs: 90 * DAY,
  validationMs: 7 * DAY,
  minimumRows: 2_000,
  rule: 'cost-aware',
  threshold: 6,
  cost: 20,
  everyMs: 7 * DAY,
  paneMs: DAY,
};

test('concept drift that harms asks for a retrain, when it has lasted and nothing cools down', () => {
  const { state } = days([[seen({ day: 100, kind: 'concept-drift', feature: 'log_loss' })]]);
  const [incident] = state.incidents.values();
  assert.ok(incident !== undefined);
  assert.ok(decideRetrain({ incident, policy, streamTimeMs: 101 * DAY }).retrain);
  const cooling = decideRetrain({ incident, policy, streamTimeMs: 101 * DAY, lastRequestMs: 95 * DAY });
  assert.ok(!cooling.retrain && cooling.reason.startsWith('cooling down'));
  const lasting = { ...policy, waitMs: 11 * DAY };
  const began = { ...incident, beganMs: 95 * DAY };
  const young = decideRetrain({ incident: began, policy: lasting, streamTimeMs: 106 * DAY - 1 });
  assert.ok(!young.retrain && young.reason === 'too little of the new world to learn from until 1970-04-17');
  assert.ok(decideRetrain({ incident: began, policy: lasting, streamTimeMs: 106 * DAY }).retrain);
});

test('the newest window is trained on, and from the onset on where that is in it and wanted', () => {
  const wanted = { policy, streamTimeMs: 101 * DAY };
  const window = { trainFromMs: 11 * DAY, trainUntilMs: 101 * DAY };
  const onsetMs = 95 * DAY;
  assert.deepEqual(examplesFor({ ...wanted, onsetMs }), { ...window, onsetMs });
  assert.deepEqual(examplesFor({ ...wanted, onsetMs: 11 * DAY }), window);
  assert.deepEqual(examplesFor({ ...wanted, onsetMs: undefined }), window);
  assert.deepEqual(examplesFor({ ...wanted, policy: { ...policy, fromOnset: false }, onsetMs }), window);
});

test('skew never asks for a retrain, and neither does a model that became better', () => {
  const skew = [...days([[seen({ day: 0, kind: 'feature-skew' })]]).state.incidents.values()][0];
  const better = [
    ...days([[seen({ day: 0, kind: 'concept-drift', harmful: false })]]).state.incidents.values(),
  ][0];
  assert.ok(skew !== undefined && better !== undefined);
  assert.deepEqual(decideRetrain({ incident: skew, policy, streamTimeMs: DAY }), {
    retrain: false,
    reason: 'feature-skew is not a reason to retrain; the rule cost-aware asks by the loss alone',
  });
  assert.deepEqual(
    decideRetrain({ incident: better, policy: { ...policy, rule: 'none' }, streamTimeMs: DAY }),
    { retrain: false, reason: 'the model has not become worse' },
  );
});
