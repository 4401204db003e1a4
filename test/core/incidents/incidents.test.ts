import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advanceIncidents, type IncidentState, NO_INCIDENTS } from '../../../src/core/incidents/advance.ts';
import type { Observation } from '../../../src/core/incidents/finding.ts';
import { decideFollowUp, decideRetrain } from '../../../src/core/incidents/retrain-policy.ts';

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

const policy = {
  on: ['concept-drift' as const],
  coolDownMs: 10 * DAY,
  waitMs: 0,
  followUpMs: 14 * DAY,
  fromOnset: true,
  windowMs: 90 * DAY,
};

test('concept drift that harms asks for a retrain on the newest window', () => {
  const { state } = days([[seen({ day: 100, kind: 'concept-drift', feature: 'log_loss' })]]);
  const [incident] = state.incidents.values();
  assert.ok(incident !== undefined);
  const decision = decideRetrain({ incident, policy, streamTimeMs: 101 * DAY });
  assert.ok(decision.retrain && decision.trainFromMs === 11 * DAY && decision.trainUntilMs === 101 * DAY);
  const cooling = decideRetrain({ incident, policy, streamTimeMs: 101 * DAY, lastRequestMs: 95 * DAY });
  assert.ok(!cooling.retrain && cooling.reason.startsWith('cooling down'));
  const lasting = { ...policy, waitMs: 11 * DAY };
  const beganMs = 95 * DAY;
  const young = decideRetrain({
    incident: { ...incident, beganMs },
    policy: lasting,
    streamTimeMs: 106 * DAY - 1,
  });
  assert.ok(!young.retrain && young.reason === 'too little of the new world to learn from until 1970-04-17');
  const old = decideRetrain({ incident: { ...incident, beganMs }, policy: lasting, streamTimeMs: 106 * DAY });
  assert.ok(old.retrain && old.onsetMs === beganMs);
  const whole = { ...lasting, fromOnset: false };
  const plain = decideRetrain({ incident: { ...incident, beganMs }, policy: whole, streamTimeMs: 106 * DAY });
  assert.ok(plain.retrain && plain.onsetMs === undefined);
});

test('a request is followed up later, unless its incident was retracted or nothing is to be followed up', () => {
  const { state } = days([[seen({ day: 100, kind: 'concept-drift', feature: 'log_loss' })]]);
  const [incident] = state.incidents.values();
  assert.ok(incident !== undefined);
  const asked = { incident, policy, requestedMs: 101 * DAY };
  const early = decideFollowUp({ ...asked, streamTimeMs: 115 * DAY - 1 });
  assert.ok(!early.retrain && early.reason.endsWith('until 1970-04-26'));
  const later = decideFollowUp({ ...asked, streamTimeMs: 115 * DAY });
  assert.ok(later.retrain && later.trainUntilMs === 115 * DAY && later.onsetMs === incident.beganMs);
  const resolved = { ...incident, status: 'resolved' as const };
  assert.ok(decideFollowUp({ ...asked, incident: resolved, streamTimeMs: 115 * DAY }).retrain);
  const retracted = { ...incident, status: 'retracted' as const };
  assert.ok(!decideFollowUp({ ...asked, incident: retracted, streamTimeMs: 115 * DAY }).retrain);
  const none = { ...policy, followUpMs: 0 };
  assert.ok(!decideFollowUp({ ...asked, policy: none, streamTimeMs: 200 * DAY }).retrain);
  const cooling = { ...policy, coolDownMs: 28 * DAY };
  assert.ok(!decideFollowUp({ ...asked, policy: cooling, streamTimeMs: 128 * DAY }).retrain);
});

test('skew never asks for a retrain, and neither does a model that became better', () => {
  const skew = [...days([[seen({ day: 0, kind: 'feature-skew' })]]).state.incidents.values()][0];
  const better = [
    ...days([[seen({ day: 0, kind: 'concept-drift', harmful: false })]]).state.incidents.values(),
  ][0];
  assert.ok(skew !== undefined && better !== undefined);
  assert.equal(decideRetrain({ incident: skew, policy, streamTimeMs: DAY }).retrain, false);
  assert.equal(decideRetrain({ incident: better, policy, streamTimeMs: DAY }).retrain, false);
});
