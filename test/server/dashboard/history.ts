/** A few days of a model, as rows of the tables: small, but with revisions, halves of days and every state. */
export const IDS = {
  incident: '11111111-1111-5111-8111-111111111111',
  schemaIncident: '11111111-1111-5111-8111-111111111112',
  verdict: '22222222-2222-5222-8222-222222222201',
  dataDrift: '22222222-2222-5222-8222-222222222202',
  schemaVerdict: '22222222-2222-5222-8222-222222222203',
  finding: '44444444-4444-5444-8444-444444444401',
  request: '33333333-3333-5333-8333-333333333301',
} as const;

type Row = Readonly<Record<string, unknown>>;

export const HISTORY: Readonly<Record<string, readonly Row[]>> = {
  progress: [
    { model: 'flights', stage: 'serving', stream_time: day(4), version: 2 },
    { model: 'flights', stage: 'serving', stream_time: day(1), version: 1 },
    {
      model: 'flights',
      stage: 'labels',
      stream_time: day(3),
      version: 1,
      written_at: '2020-01-01T00:00:00Z',
    },
  ],
  ledger: [ledger()],
  serving_flights: [stored(0), stored(1), stored(1)],
  dead_letters: [
    {
      topic: 'serving.flights',
      partition: 0,
      offset: 2,
      schema_id: null,
      reason: 'not-framed',
      detail: 'no magic byte',
      key: '',
      payload: 'x',
      appended_at: day(1),
    },
  ],
  tombstones: [{ topic: 'serving.flights', partition: 0, offset: 3, key: 'k' }],
  incidents: [
    incident({ revision: 0, transition: 'open', status: 'open', severity: 'WARNING', reported: day(2) }),
    incident({ revision: 1, transition: 'resolve', status: 'resolved', severity: 'ALERT', reported: day(3) }),
    incident({
      incident_id: IDS.schemaIncident,
      revision: 0,
      transition: 'open',
      kind: 'schema-skew',
      status: 'open',
      severity: 'ALERT',
      reported: day(3),
    }),
  ],
  findings: [
    finding({ revision: 0, status: 'open', windows: 1, effect: 0.2 }),
    finding({ revision: 1, status: 'closed', windows: 2, effect: 0.3 }),
  ],
  retrain_requests: [
    {
      request_id: IDS.request,
      model: 'flights',
      incident_id: IDS.incident,
      cause: 'it drifted',
      requested: day(3),
      train_from: '2013-02-03T00:00:00Z',
      train_until: day(3),
    },
  ],
  model_versions: [
    version({ version: 'v1', status: 'accepted', parent: '', created: day(1), log_loss_before: null }),
    version({ version: 'v2', status: 'rejected', parent: 'v1', created: day(3), log_loss_before: 0.5 }),
  ],
  reference_windows: [
    {
      reference_id: 'bins-1',
      model: 'flights',
      version: 'v1',
      bins_id: 'bins-1',
      stream: 'training',
      window_start: '2013-01-01T00:00:00Z',
      window_end: '2013-03-01T00:00:00Z',
      topic: 'training.flights',
      partitions: [0],
      first_offsets: [0],
      end_offsets: [100],
      rows: 120,
    },
  ],
  bins: [
    {
      bins_id: 'bins-1',
      model: 'flights',
      feature: 'carrier',
      kind: 'categorical',
      edges: [],
      categories: ['UA', 'AA'],
      others: [],
      distinct: 2,
      mean: null,
      sd: null,
    },
  ],
  pane_revisions: [
    paneRevision({ stream: 'reference', pane_start: '2013-01-01T00:00:00Z', revision: 0 }),
    paneRevision({ stream: 'reference', pane_start: '2013-01-02T00:00:00Z', revision: 0 }),
    paneRevision({ stream: 'serving', pane_start: '2013-04-20T00:00:00Z', revision: 0 }),
    paneRevision({ stream: 'serving', pane_start: day(1), revision: 0 }),
    paneRevision({ stream: 'serving', pane_start: day(1), revision: 1 }),
    paneRevision({ stream: 'labels', bins_id: '', pane_start: day(1), revision: 1 }),
  ],
  panes: [
    pane({ stream: 'reference', pane_start: '2013-01-01T00:00:00Z', codes: [0, 1], counts: [20, 30] }),
    pane({ stream: 'reference', pane_start: '2013-01-02T00:00:00Z', codes: [0, 1], counts: [30, 40] }),
    pane({ pane_start: '2013-04-20T00:00:00Z', codes: [0], counts: [400] }),
    pane({ pane_start: day(1), revision: 0, codes: [0, 1], counts: [1, 2] }),
    pane({ pane_start: day(1), revision: 1, codes: [-1, 0], counts: [100, 700] }),
    pane({ pane_start: day(1), revision: 1, segment: 'origin=JFK', codes: [1], counts: [9] }),
  ],
  performance_panes: [
    performance({ revision: 0, n: 9, loss: 1 }),
    performance({ revision: 1, n: 10, loss: 6 }),
    performance({ revision: 1, segment: '', n: 10, loss: 6 }),
  ],
  verdicts: [
    verdict(IDS.verdict, { verdict: 'drift', effect: 0.75, effect_floor: 0.25, n: 800 }),
    verdict('22222222-2222-5222-8222-222222222211', { window_start: '2013-05-01T12:00:00Z', n: 300 }),
    verdict('22222222-2222-5222-8222-222222222212', { window_start: day(2), revision: 0, n: 11 }),
    verdict('22222222-2222-5222-8222-222222222213', {
      window_start: day(2),
      revision: 1,
      verdict: 'insufficient',
      value: null,
      n: 12,
      need: 200,
      detail: '{"evidence":"insufficient: 12 of 200 rows"}',
    }),
    verdict('22222222-2222-5222-8222-222222222214', {
      feature: 'wind',
      verdict: 'no-reference',
      value: null,
      n: 700,
    }),
    verdict('22222222-2222-5222-8222-222222222215', { feature: 'wind', window_start: day(2), n: 700 }),
    verdict(IDS.dataDrift, {
      kind: 'data-drift',
      verdict: 'drift',
      reference_id: `trailing:2013-04-01T00:00:00.000Z/2013-05-01T00:00:00.000Z`,
    }),
    verdict('22222222-2222-5222-8222-222222222216', { kind: 'data-drift', segment: 'origin=JFK' }),
    verdict(IDS.schemaVerdict, {
      kind: 'schema-skew',
      statistic: 'SCHEMA_MISSING_COLUMN',
      verdict: 'drift',
      effect: 0.125,
      effect_floor: 0,
      reference_id: 'contract',
    }),
  ],
};

function day(date: number): string {
  return `2013-05-0${date}T00:00:00Z`;
}

function ledger(): Row {
  return {
    topic: 'serving.flights',
    partition: 0,
    version: 1,
    epoch: 1,
    owner: 't',
    floor: 4,
    consumed: 4,
    max_event_time: day(1),
  };
}

function stored(offset: number): Row {
  return { event_time: day(1), _topic: 'serving.flights', _partition: 0, _offset: offset, _schema_id: 1 };
}

function incident(change: Row): Row {
  return {
    incident_id: IDS.incident,
    model: 'flights',
    kind: 'data-drift',
    began: day(1),
    features: ['carrier', 'wind'],
    segments: [''],
    findings: [IDS.finding, IDS.verdict],
    cause: 'rows without a carrier',
    summary: 'Data drift in carrier',
    retrain: 'requested',
    ...change,
  };
}

function finding(change: Row): Row {
  return {
    finding_id: IDS.finding,
    incident_id: IDS.incident,
    model: 'flights',
    kind: 'data-drift',
    class: 'psi',
    feature: 'carrier',
    segment: '',
    began: day(1),
    reported: day(2),
    last_seen: day(3),
    value: 1.5,
    p_value: 0.00001,
    effect_unit: 'share',
    evidence: '12% of rows moved',
    ...change,
  };
}

function version(change: Row): Row {
  return {
    model: 'flights',
    request_id: IDS.request,
    reasons: ['why'],
    sha256: 'aa',
    uri: 'models/flights',
    snapshot_sha256: 'bb',
    snapshot_rows: 1000,
    window_start: '2013-01-01T00:00:00Z',
    window_end: '2013-03-01T00:00:00Z',
    topic: 'training.flights',
    partitions: [0, 1],
    first_offsets: [0, 5],
    end_offsets: [100, 120],
    log_loss_after: 0.5,
    validation_rows: 700,
    baseline_log_loss: 0.5,
    baseline_log_loss_sd: 0.6,
    config: '{}',
    metrics: '{}',
    ...change,
  };
}

function paneRevision(change: Row): Row {
  return {
    model: 'flights',
    bins_id: 'bins-1',
    pane_end: day(2),
    rows: 1,
    partitions: [0],
    first_offsets: [0],
    end_offsets: [1],
    version: 'v1',
    watermark: day(2),
    ...change,
  };
}

function pane(change: Row): Row {
  return {
    model: 'flights',
    stream: 'serving',
    bins_id: 'bins-1',
    revision: 0,
    segment: '',
    feature: 'carrier',
    n: 1,
    finite: 0,
    total: 0,
    squares: 0,
    minimum: null,
    maximum: null,
    distinct: 2,
    ...change,
  };
}

function performance(change: Row): Row {
  return {
    model: 'flights',
    pane_start: day(1),
    segment: 'version=v1',
    unmatched: 0,
    positives: 3,
    loss_squares: 5,
    brier: 1,
    predicted: 3,
    errors: 2,
    ...change,
  };
}

function verdict(id: string, change: Row): Row {
  return {
    verdict_id: id,
    model: 'flights',
    kind: 'distribution-skew',
    feature: 'carrier',
    segment: '',
    window_start: day(1),
    window_end: day(2),
    revision: 0,
    verdict: 'ok',
    statistic: 'psi',
    value: 0.5,
    p_value: 0.5,
    effect: null,
    effect_unit: 'share',
    effect_floor: 0.1,
    threshold: 0.0001,
    n: 100,
    m: 1000,
    need: 0,
    reference_id: 'bins-1',
    version: 'v1',
    detail: '{"law":"two-sample F","evidence":"nothing much"}',
    partitions: [0],
    first_offsets: [0],
    end_offsets: [4],
    config_hash: 'c',
    code_version: '0.1.0',
    stream_time: day(2),
    ...change,
  };
}
