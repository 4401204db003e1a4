import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Answers,
  correctDesk,
  type Desk,
  type DeskSettings,
  EMPTY_DESK,
  type News,
  openDesk,
  type Reported,
  takeToDesk,
} from '../../../processors/incidents/incident-desk.ts';
import {
  alertEvent,
  type FindingRow,
  INCIDENT_ROW,
  type IncidentRow,
  incidentOf,
  incidentRow,
  type RetrainRequest,
  reportedOf,
} from '../../../processors/incidents/report.ts';
import type { Change } from '../../../src/core/incidents/change.ts';
import type { Observation } from '../../../src/core/incidents/finding.ts';
import { lossSeen } from '../../fixtures/loss-seen.ts';

const DAY = 86_400_000;
const SETTINGS: DeskSettings = {
  model: 'm',
  groupWithinMs: 3 * DAY,
  closeAfter: 3,
  policy: {
    on: ['concept-drift'],
    coolDownMs: 10 * DAY,
    waitMs: 0,
    followUpMs: 0,
    fromOnset: false,
    windowMs: 90 * DAY,
    validationMs: 7 * DAY,
    minimumRows: 2_000,
    rule: 'none',
    threshold: 6,
    cost: 20,
    everyMs: 7 * DAY,
    paneMs: DAY,
  },
};

const calm = (day: number) => lossSeen(day, { verdict: 'ok', effect: 0.01 });
const answers = (day: number, ...observations: Observation[]): Answers => ({
  name: `labels/${day}`,
  readyMs: (day + 1) * DAY,
  rank: 2,
  observations,
});
const CHANGE: Change = {
  model: 'm',
  kind: 'concept-drift',
  class: 'log-loss',
  feature: 'log_loss',
  segment: '',
  windowStartMs: 0,
  lateWindowMs: 0,
  lateRows: 400,
  before: { verdict: 'drift', value: 0.7, effect: 0.2, effectUnit: 'nats', n: 500 },
  after: { verdict: 'ok', value: 0.5, effect: 0.01, effectUnit: 'nats', effectFloor: 0.05, n: 900 },
};

/** The tables as a processor would leave them. */
class Tables {
  readonly incidents: IncidentRow[] = [];
  readonly findings = new Map<string, FindingRow>();
  readonly requests: RetrainRequest[] = [];

  write(news: News, reportedMs: number): void {
    for (const { retrain, ...transition } of news.transitions)
      this.incidents.push(
        incidentRow({ transition, facts: { cost: { status: 'insufficient', n: 0 } }, reportedMs, retrain }),
      );
    for (const row of news.findings) {
      const before = this.findings.get(row.finding_id);
      assert.ok(before === undefined || before.revision < row.revision, 'a finding row that would not show');
      this.findings.set(row.finding_id, row);
    }
    this.requests.push(...news.requests);
  }

  read(): Reported {
    return {
      incidents: this.incidents.map((row) => incidentOf(INCIDENT_ROW.parse(JSON.parse(JSON.stringify(row))))),
      findings: [...this.findings.values()].map(reportedOf),
      requests: this.requests,
    };
  }
}

function opened(): { desk: Desk; tables: Tables } {
  const tables = new Tables();
  let desk = EMPTY_DESK;
  for (const day of [answers(0, lossSeen(0)), answers(1, calm(1))]) {
    const result = takeToDesk({ desk, settings: SETTINGS, answers: day, streamTimeMs: day.readyMs });
    desk = result.desk;
    tables.write(result.news, day.readyMs);
  }
  return { desk, tables };
}

const CORRECTED = [answers(0, calm(0)), answers(1, calm(1))];

test('a retraction says that the retraining it asked for is not taken back, and asks for none', () => {
  const { desk, tables } = opened();
  assert.equal(tables.requests.length, 1);
  const common = { settings: SETTINGS, changes: [CHANGE], streamTimeMs: 5 * DAY };
  const { news } = correctDesk({ ...common, desk, windows: CORRECTED });
  tables.write(news, 5 * DAY);
  const [open, retracted, ...more] = tables.incidents;
  assert.deepEqual(more, []);
  assert.deepEqual([open?.transition, open?.retrain], ['open', 'requested']);
  assert.deepEqual(
    [retracted?.transition, retracted?.status, retracted?.revision],
    ['retract', 'retracted', 1],
  );
  assert.match(retracted?.retrain ?? '', /not taken back/);
  assert.match(
    retracted?.summary ?? '',
    /^Retracted: 400 late rows .* lowered log_loss from 0\.2 nats to 0\.01 nats/,
  );
  assert.match(retracted?.summary ?? '', /requested already and is not taken back\.$/);
  assert.equal(tables.requests.length, 1);
  assert.deepEqual(
    [...tables.findings.values()].map(({ status }) => status),
    ['retracted'],
  );
});

test('a processor that dies before or after it wrote the retraction says the same once', () => {
  const { desk, tables } = opened();
  const common = { settings: SETTINGS, windows: CORRECTED, changes: [CHANGE], streamTimeMs: 5 * DAY };
  const alive = correctDesk({ ...common, desk });
  // Started again from rows: the windows are decided from the corrected panes, the retraction is not written yet.
  const again = openDesk({ settings: SETTINGS, reported: tables.read(), windows: CORRECTED });
  const restarted = correctDesk({ ...common, desk: again });
  assert.deepEqual(restarted.news, alive.news);
  tables.write(restarted.news, 5 * DAY);
  // Started again when it was written: nothing is left to say, and the alert is made from the row under the same id.
  const last = openDesk({ settings: SETTINGS, reported: tables.read(), windows: CORRECTED });
  assert.deepEqual(correctDesk({ ...common, desk: last }).news, {
    findings: [],
    transitions: [],
    requests: [],
  });
  const rows = tables.incidents.map((row) => alertEvent(row).eventId);
  assert.equal(new Set(rows).size, 2);
});

test('a request is followed up once, also by a process that starts in between, and not by one that has seen a newer one', () => {
  const versions = { none: () => 'v1', some: (day: number) => (day < 2 ? 'v1' : day < 14 ? 'v2' : 'v3') };
  const settings = { ...SETTINGS, policy: { ...SETTINGS.policy, followUpMs: 14 * DAY, fromOnset: true } };
  const run = (
    restart: boolean,
    drifts: readonly number[],
    versionOf: (day: number) => string = versions.some,
  ): readonly RetrainRequest[] => {
    const tables = new Tables();
    let desk = EMPTY_DESK;
    const windows: Answers[] = [];
    for (let day = 0; day < 60; day += 1) {
      const window = {
        ...answers(day, drifts.includes(day) ? lossSeen(day) : calm(day)),
        excess: { startMs: day * DAY, version: versionOf(day), rows: 900, nats: 0, sd: 10 },
      };
      if (restart) desk = openDesk({ settings, reported: tables.read(), windows });
      const { news, ...next } = takeToDesk({ desk, settings, answers: window, streamTimeMs: window.readyMs });
      desk = next.desk;
      windows.push(window);
      tables.write(news, window.readyMs);
    }
    return tables.requests;
  };
  for (const restart of [false, true]) {
    const [first, second, ...more] = run(restart, [0]);
    assert.deepEqual([first?.requestedMs, second?.requestedMs, more], [DAY, 15 * DAY, []]);
    assert.deepEqual([second?.trainUntilMs, second?.incidentId], [15 * DAY, first?.incidentId]);
    assert.match(second?.cause ?? '', /^Follow-up/);
    assert.notEqual(first?.id, second?.id);
    // The second drift asks on day 13 (12 after the first); its own follow-up comes 14 days later.
    assert.deepEqual(
      run(restart, [0, 12]).map(({ requestedMs }) => requestedMs / DAY),
      [1, 13, 27],
    );
    assert.equal(run(restart, [0], versions.none).length, 1, 'nothing was released');
  }
});

test('what comes after a retraction goes on from it', () => {
  const { desk, tables } = opened();
  const common = { settings: SETTINGS, changes: [CHANGE], streamTimeMs: 5 * DAY };
  const corrected = correctDesk({ ...common, desk, windows: CORRECTED });
  tables.write(corrected.news, 5 * DAY);
  const back = correctDesk({ ...common, desk: corrected.desk, windows: [answers(0, lossSeen(0))] });
  tables.write(back.news, 6 * DAY);
  assert.deepEqual(
    tables.incidents.map(({ transition, revision, status }) => [transition, revision, status]),
    [
      ['open', 0, 'open'],
      ['retract', 1, 'retracted'],
      ['open', 2, 'open'],
    ],
  );
  const fresh = answers(9, lossSeen(9));
  const next = takeToDesk({
    desk: corrected.desk,
    settings: SETTINGS,
    answers: fresh,
    streamTimeMs: 10 * DAY,
  });
  assert.deepEqual(
    next.news.transitions.map(({ name, incident }) => [
      name,
      incident.id === tables.incidents[0]?.incident_id,
    ]),
    [['open', false]],
  );
});
