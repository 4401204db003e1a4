import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advanceIncidents, NO_INCIDENTS } from '../../../src/core/incidents/advance.ts';
import { withCarriers } from '../../../src/core/incidents/carrier.ts';
import { type Change, sayChanges } from '../../../src/core/incidents/change.ts';
import { correctIncidents, homesOf, type ReportedFinding } from '../../../src/core/incidents/correct.ts';
import { cellOf, findingId, type Observation } from '../../../src/core/incidents/finding.ts';
import {
  EMPTY_TIMELINE,
  foldTimeline,
  remember,
  type Timeline,
} from '../../../src/core/incidents/timeline.ts';

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
    n: 1_000,
    ...rest,
  };
}

const SETTINGS = { groupWithinMs: 3 * DAY, closeAfter: 2 };

function timelineOf(days: readonly (readonly Observation[])[], start: Timeline = EMPTY_TIMELINE): Timeline {
  let timeline = start;
  for (const [day, observations] of days.entries())
    timeline = remember({ timeline, name: `day ${day}`, readyMs: (day + 1) * DAY, rank: 0, observations });
  return timeline;
}

/** What was reported as the days came in time. */
function reportedAfter(days: readonly (readonly Observation[])[]) {
  const { incidents, findings } = foldTimeline({ ...SETTINGS, timeline: timelineOf(days) });
  const reported = new Map(
    [...findings.values()].map((finding): [string, ReportedFinding] => [
      finding.id,
      {
        id: finding.id,
        revision: finding.revision,
        incidentId: finding.incidentId,
        cell: cellOf(finding.first),
        kind: finding.first.kind,
        status: finding.status,
        beganMs: finding.first.beganMs,
        lastSeenMs: finding.lastSeenMs,
      },
    ]),
  );
  return { incidents, reported };
}

const CHANGE: Change = {
  model: 'm',
  kind: 'distribution-skew',
  class: 'psi',
  feature: 'a',
  segment: '',
  windowStartMs: 0,
  lateWindowMs: 0,
  lateRows: 1_204,
  before: { verdict: 'drift', value: 0.31, effect: 1, effectUnit: 'sd', n: 500 },
  after: { verdict: 'ok', value: 0.04, effect: 0.1, effectUnit: 'sd', effectFloor: 0.5, n: 1_704 },
};

function correct(
  before: readonly (readonly Observation[])[],
  after: readonly (readonly Observation[])[],
  changes: readonly Change[] = [CHANGE],
) {
  const { incidents, reported } = reportedAfter(before);
  const homeOf = homesOf({ findings: reported, idOf: findingId, closeAfter: SETTINGS.closeAfter });
  const now = foldTimeline({ ...SETTINGS, timeline: timelineOf(after, timelineOf(before)), homeOf });
  const kinds = new Set(['distribution-skew', 'data-drift', 'schema-skew'] as const);
  const transitions = correctIncidents({
    said: incidents,
    saidFindings: reported,
    now,
    kinds,
    sinceMs: 0,
    changes,
    streamTimeMs: 9 * DAY,
  });
  return { transitions, incidents };
}

const calm = (day: number, part: Partial<Observation> = {}) =>
  seen({ day, verdict: 'ok', effect: 0.1, ...part });

test('an incident that has lost all it rested on is retracted, with the reason in words', () => {
  const { transitions, incidents } = correct([[seen({ day: 0 })], [calm(1)]], [[calm(0)]]);
  const [only, ...others] = transitions;
  assert.equal(others.length, 0);
  assert.equal(only?.name, 'retract');
  assert.equal(only.incident.status, 'retracted');
  assert.equal(only.incident.revision, 1);
  assert.ok(incidents.has(only.incident.id));
  assert.equal(
    only.incident.reason,
    '1,204 late rows of the window of 1970-01-01 00:00 lowered a from 1 sd (PSI 0.31) to 0.1 sd (PSI 0.04), under the effect floor of 0.5',
  );
});

test('a resolved incident is retracted like an open one, and one of another kind is left alone', () => {
  const skew = seen({ day: 0, kind: 'feature-skew', feature: 'b' });
  const { transitions } = correct([[seen({ day: 0 }), skew], [calm(1)], [calm(2)]], [[calm(0), skew]]);
  assert.deepEqual(
    transitions.map(({ name, incident }) => [name, incident.kind]),
    [['retract', 'distribution-skew']],
  );
});

test('an incident that keeps some of its findings is downgraded, one that wins some is upgraded', () => {
  const both = [seen({ day: 0 }), seen({ day: 0, feature: 'b' })];
  const one = [seen({ day: 0 }), calm(0, { feature: 'b' })];
  const down = correct([both], [one]).transitions;
  assert.deepEqual(
    down.map(({ name, incident }) => [name, incident.features]),
    [['downgrade', ['a']]],
  );
  assert.match(down[0]?.incident.summary ?? '', /^Downgraded: 1,204 late rows/);
  const up = correct([one], [both]).transitions;
  assert.deepEqual(
    up.map(({ name, incident }) => [name, incident.features, incident.revision]),
    [['upgrade', ['a', 'b'], 1]],
  );
});

test('an incident keeps its id when late rows move its first window', () => {
  const { transitions, incidents } = correct([[seen({ day: 0 })], [seen({ day: 1 })]], [[calm(0)]]);
  const [only] = transitions;
  assert.equal(only?.name, 'update');
  assert.equal(only.incident.beganMs, DAY);
  assert.deepEqual([only.incident.id], [...incidents.keys()]);
});

test('a drift that only shows with the late rows is opened, and says that it was found late', () => {
  const { transitions } = correct([[calm(0)], [calm(1)]], [[seen({ day: 0 })]]);
  assert.deepEqual(
    transitions.map(({ name, incident }) => [name, incident.revision, incident.status]),
    [['open', 0, 'open']],
  );
  assert.match(transitions[0]?.incident.summary ?? '', /^Found late: /);
});

test('nothing is said when nothing an incident tells has changed, or when it was said already', () => {
  const before = [[seen({ day: 0 })], [calm(1)]];
  assert.deepEqual(correct(before, [[seen({ day: 0, effect: 0.9 })]]).transitions, []);
  const { transitions, incidents } = correct(before, [[calm(0)]]);
  const said = new Map(incidents);
  for (const { incident } of transitions) said.set(incident.id, incident);
  const again = correctIncidents({
    said,
    saidFindings: new Map(),
    now: foldTimeline({ ...SETTINGS, timeline: timelineOf([[calm(0)]], timelineOf(before)) }),
    kinds: new Set(['distribution-skew']),
    sinceMs: 0,
    changes: [CHANGE],
    streamTimeMs: 9 * DAY,
  });
  assert.deepEqual(again, []);
});

test('folding the timeline gives what the windows gave one by one, in whichever order they are remembered', () => {
  const days = [
    [seen({ day: 0 }), seen({ day: 0, feature: 'b', verdict: 'ok' })],
    [seen({ day: 1, feature: 'b' }), calm(1)],
    [calm(2), seen({ day: 2, feature: 'b' })],
    [calm(3), calm(3, { feature: 'b' })],
  ];
  let state = NO_INCIDENTS;
  for (const [day, observations] of days.entries())
    state = advanceIncidents({ ...SETTINGS, state, observations, streamTimeMs: (day + 1) * DAY }).state;
  const forward = foldTimeline({ ...SETTINGS, timeline: timelineOf(days) });
  let timeline = EMPTY_TIMELINE;
  for (const day of [2, 0, 3, 1])
    timeline = remember({
      timeline,
      name: `day ${day}`,
      readyMs: (day + 1) * DAY,
      rank: 0,
      observations: days[day] ?? [],
    });
  assert.deepEqual(forward.incidents, state.incidents);
  assert.deepEqual(forward.findings, state.findings);
  assert.deepEqual(foldTimeline({ ...SETTINGS, timeline }).incidents, state.incidents);
});

test('the reason names the change with the largest effect and counts the others', () => {
  const small: Change = { ...CHANGE, segment: 'g=b', before: { ...CHANGE.before, effect: 0.6 } };
  assert.match(
    sayChanges([small, CHANGE]),
    /lowered a from 1 sd \(PSI 0\.31\) to .*; 1 more verdict changed$/,
  );
  const few: Change = {
    ...CHANGE,
    after: { verdict: 'insufficient', effectUnit: '', effectFloor: 0, n: 12 },
  };
  assert.match(
    sayChanges([few]),
    /brought a from 1 sd \(PSI 0\.31\) to insufficient: 12 rows are too few to judge$/,
  );
  assert.match(
    sayChanges([{ ...CHANGE, windowStartMs: DAY }]),
    /^1,204 late rows of the window of 1970-01-01 00:00 lowered a in the window of 1970-01-02 00:00/,
  );
  assert.equal(sayChanges([]), '');
});

test('the smallest segment that carries the change is named, and none when all move alike', () => {
  const part = (segment: string, effect: number, n: number) =>
    seen({ day: 0, segment, effect, n, verdict: effect > 0.5 ? 'drift' : 'ok' });
  const carrierOf = (parts: readonly Observation[]) =>
    withCarriers([seen({ day: 0, effect: 0.5 }), ...parts])[0]?.carrier;
  const local = [part('g=a', 0.05, 600), part('g=b', 2, 400), part('h=x', 0.9, 900), part('h=y', 1.1, 100)];
  assert.deepEqual(carrierOf(local)?.segment, 'g=b');
  assert.equal(carrierOf(local)?.n, 400);
  assert.ok((carrierOf(local)?.share ?? 0) > 0.95);
  assert.equal(carrierOf([part('g=a', 1, 600), part('g=b', 1.1, 400)]), undefined);
  // The same change seen through two fields: the segment with fewer rows.
  const nested = [part('g=a', 0.01, 500), part('g=b', 1, 500), part('h=x', 0.01, 900), part('h=y', 5, 100)];
  assert.equal(carrierOf(nested)?.segment, 'h=y');
});

test('an incident says what moved first in event time', () => {
  const state = foldTimeline({
    ...SETTINGS,
    timeline: timelineOf([
      [seen({ day: 0, feature: 'b', segment: 'g=b', kind: 'data-drift' })],
      [seen({ day: 1 })],
    ]),
  });
  const [incident] = state.incidents.values();
  assert.equal(incident?.kind, 'distribution-skew');
  assert.deepEqual(incident.firstMover, { kind: 'data-drift', feature: 'b', segment: 'g=b' });
});
