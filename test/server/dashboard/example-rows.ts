import type {
  FindingRow,
  HeatCell,
  IncidentNow,
  RequestRow,
  Transition,
  VerdictLine,
  VerdictRow,
  VersionRow,
} from '../../../src/server/dashboard/reader.ts';

export const at = (text: string): number => Date.parse(`${text}T00:00:00Z`);

export const INCIDENT_ID = '11111111-1111-5111-8111-111111111111';
export const VERDICT_ID = '22222222-2222-5222-8222-222222222222';
export const REQUEST_ID = '33333333-3333-5333-8333-333333333333';
/** Markup, quotes and an entity, where a careless page would let them through. */
export const HOSTILE = `<img src=x onerror="alert('1')">&amp;`;

export function incidentNow(change: Partial<IncidentNow> = {}): IncidentNow {
  return {
    id: INCIDENT_ID,
    revision: 1,
    kind: 'data-drift',
    severity: 'WARNING',
    status: 'open',
    beganMs: at('2013-05-01'),
    openedMs: at('2013-05-03'),
    changedMs: at('2013-05-04'),
    features: ['temperature_f'],
    segments: [''],
    findings: 1,
    summary: 'Data drift in temperature_f: mean 80 degF against 75 degF',
    retrain: 'data-drift is not a reason to retrain',
    ...change,
  };
}

export function transition(change: Partial<Transition> = {}): Transition {
  return {
    id: INCIDENT_ID,
    revision: 0,
    transition: 'open',
    model: 'flights',
    kind: 'concept-drift',
    severity: 'ALERT',
    status: 'open',
    beganMs: at('2013-05-01'),
    reportedMs: at('2013-05-03'),
    features: ['log_loss'],
    segments: [''],
    cause: 'the loss rose',
    summary: 'Concept drift in log_loss: the loss rose',
    reason: '',
    firstMover: { kind: 'concept-drift', feature: 'log_loss', segment: '' },
    carrier: { segment: 'origin=JFK', share: 0.93, rows: 312 },
    change: { said: 'writer schema 7 first seen on serving.flights', atMs: at('2013-04-30') },
    cost: { nats: 41.5, basis: 'realised', rows: 830 },
    retrain: 'requested',
    ...change,
  };
}

export function finding(change: Partial<FindingRow> = {}): FindingRow {
  return {
    id: 'f',
    kind: 'concept-drift',
    class: 'log-loss',
    feature: 'log_loss',
    segment: '',
    status: 'open',
    beganMs: at('2013-05-01'),
    reportedMs: at('2013-05-03'),
    lastSeenMs: at('2013-05-06'),
    windows: 5,
    effect: 0.0716,
    effectUnit: 'nats',
    evidence: 'log loss 0.67 against 0.60 expected of v1',
    ...change,
  };
}

export function request(change: Partial<RequestRow> = {}): RequestRow {
  return {
    id: REQUEST_ID,
    incidentId: INCIDENT_ID,
    cause: 'the loss rose',
    requestedMs: at('2013-05-03'),
    trainFromMs: at('2013-02-03'),
    trainUntilMs: at('2013-05-03'),
    ...change,
  };
}

export function version(change: Partial<VersionRow> = {}): VersionRow {
  return {
    version: 'v2',
    requestId: REQUEST_ID,
    status: 'accepted',
    reasons: ['log-loss 0.5973 against 0.6029 of v1'],
    parent: 'v1',
    createdMs: at('2013-05-03'),
    sha256: 'aa',
    uri: 'models/flights/v2',
    snapshotSha256: 'bb',
    snapshotRows: 71_375,
    windowStartMs: at('2013-02-03'),
    windowEndMs: at('2013-05-03'),
    topic: 'training.flights',
    ranges: [{ partition: 0, first: 17, end: 23_905 }],
    logLossBefore: 0.6029,
    logLossAfter: 0.5973,
    validationRows: 6402,
    baselineLogLoss: 0.5973,
    baselineLogLossSd: 0.652,
    config: '{"seed":1}',
    metrics: '{}',
    rolledBack: false,
    aliases: [],
    share: 0,
    receipt: null,
    ...change,
  };
}

export function heatCell(change: Partial<HeatCell> = {}): HeatCell {
  return {
    feature: 'temperature_f',
    dayMs: at('2013-05-01'),
    worst: 'ok',
    timesFloor: 0,
    rows: 900,
    answers: 1,
    ...change,
  };
}

export function verdictLine(change: Partial<VerdictLine> = {}): VerdictLine {
  return {
    id: VERDICT_ID,
    kind: 'data-drift',
    feature: 'temperature_f',
    segment: 'origin=JFK',
    windowStartMs: at('2013-05-01'),
    windowEndMs: at('2013-05-02'),
    verdict: 'drift',
    statistic: 'psi',
    value: 1.052,
    pValue: 1.3e-16,
    effect: 0.1279,
    effectUnit: 'share',
    n: 321,
    m: 9577,
    need: 0,
    version: 'v2',
    revision: 0,
    evidence: 'mean 80.24 degF against 74.71 degF',
    ...change,
  };
}

export function verdictRow(change: Partial<VerdictRow> = {}): VerdictRow {
  const { evidence, ...line } = verdictLine();
  return {
    ...line,
    model: 'flights',
    effectFloor: 0.1,
    threshold: 1.2e-4,
    referenceId: 'trailing:2013-04-03T00:00:00.000Z/2013-05-01T00:00:00.000Z',
    detail: JSON.stringify({ law: 'two-sample F(1.00, 27)', bins: 21, channel: 'window', evidence }),
    topic: 'serving.flights',
    ranges: [{ partition: 2, first: 38_462, end: 38_774 }],
    configHash: '281f22e3bf39dd3d',
    codeVersion: '0.1.0',
    streamTimeMs: at('2013-05-02'),
    ...change,
  };
}
