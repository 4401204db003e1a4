import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeatCell } from '../../../src/server/dashboard/reader.ts';
import { VERDICT_STATES } from '../../../src/server/dashboard/reader.ts';
import { driftHeatmap } from '../../../src/server/dashboard/views/drift-heatmap.ts';
import { binName, histogramView } from '../../../src/server/dashboard/views/histogram.ts';
import { incidentPage } from '../../../src/server/dashboard/views/incident.ts';
import { bySeverity } from '../../../src/server/dashboard/views/incident-table.ts';
import { modelsPage } from '../../../src/server/dashboard/views/models.ts';
import { type Overview, overviewPage, rangeOf } from '../../../src/server/dashboard/views/overview.ts';
import { performanceChart } from '../../../src/server/dashboard/views/performance-chart.ts';
import { timeline } from '../../../src/server/dashboard/views/timeline.ts';
import { verdictPage } from '../../../src/server/dashboard/views/verdict.ts';
import { verdictsPage } from '../../../src/server/dashboard/views/verdict-table.ts';
import {
  at,
  finding,
  HOSTILE,
  heatCell,
  incidentNow,
  request,
  transition,
  verdictLine,
  verdictRow,
  version,
} from './example-rows.ts';

const RANGE = { fromMs: at('2013-03-01'), untilMs: at('2013-09-01') };
const CHOICE = { model: 'flights', kind: 'data-drift', segment: '' };
const NOTHING: Overview = {
  models: ['flights'],
  choice: CHOICE,
  range: RANGE,
  stages: [],
  accounting: [],
  lag: undefined,
  incidents: [],
  requests: [],
  versions: [],
  cells: [],
  segments: [],
  days: [],
  estimates: [],
};
const FILTER = {
  model: 'flights',
  kind: undefined,
  feature: undefined,
  segment: undefined,
  verdict: undefined,
  fromMs: 0,
  untilMs: Date.UTC(2100, 0, 1),
  limit: 100,
  offset: 0,
};

test('an empty database shows sentences on the first page, not errors and not zeros in disguise', () => {
  const page = overviewPage(NOTHING);
  for (const sentence of [
    'none was ever opened',
    'no version has been released',
    'no window has been judged yet',
    'the processors do not answer',
    'no message has been read yet',
    'No incident is open.',
    'No window has been judged for data-drift, all rows.',
    'No label has been joined to a prediction yet',
  ]) {
    assert.ok(page.includes(sentence), sentence);
  }
  assert.doesNotMatch(page, /NaN|Infinity|undefined/);
});

test('the accounting line adds up over topics and what is unexplained stands out', () => {
  const line = {
    topic: 'serving.flights',
    consumed: 173_767,
    stored: 173_647,
    deadLetters: 120,
    tombstones: 0,
  };
  const good = overviewPage({ ...NOTHING, accounting: [{ ...line, unexplained: 0 }] });
  assert.match(good, /173,767 consumed = 173,647 stored \+ 120 dead letters \+ 0 tombstones/);
  assert.match(good, /<p class="note ">unexplained 0, over 1 topics/);
  const bad = overviewPage({ ...NOTHING, accounting: [{ ...line, stored: 173_640, unexplained: 7 }] });
  assert.match(bad, /<p class="note alert">unexplained 7/);
});

test('the page refreshes itself only while decisions are being made', () => {
  const stage = { stage: 'serving', streamTimeMs: at('2013-09-01') };
  const moving = overviewPage({ ...NOTHING, stages: [{ ...stage, moving: true }] });
  const still = overviewPage({ ...NOTHING, stages: [{ ...stage, moving: false }] });
  assert.match(moving, /<meta http-equiv="refresh"/);
  assert.doesNotMatch(still, /http-equiv/);
});

test('the version that serves is the newest accepted one, with its expected log-loss and the rows behind it', () => {
  const versions = [version({ version: 'v1' }), version(), version({ version: 'v3', status: 'rejected' })];
  assert.match(
    overviewPage({ ...NOTHING, versions }),
    /v2<\/a><\/p><p class="note">since 2013-05-03, expected log-loss 0.5973 on 6,402 rows/,
  );
});

test('no view has scripts, inline styles or handlers, so that the strict policy holds', () => {
  const page = overviewPage({
    ...NOTHING,
    incidents: [incidentNow()],
    requests: [request()],
    versions: [version()],
    cells: [heatCell()],
    days: [{ dayMs: at('2013-05-01'), version: 'v2', rows: 900, loss: 540, lossSquares: 400 }],
  });
  assert.doesNotMatch(page, /<script|\sstyle=|\son[a-z]+=/);
});

test('hostile names of features, segments, versions and sentences come out as text everywhere', () => {
  const pages = [
    overviewPage({
      ...NOTHING,
      choice: { ...CHOICE, segment: HOSTILE },
      segments: [HOSTILE],
      incidents: [
        incidentNow({ features: [HOSTILE], segments: [HOSTILE], summary: HOSTILE, retrain: HOSTILE }),
      ],
      requests: [request({ cause: HOSTILE })],
      versions: [version({ version: HOSTILE, reasons: [HOSTILE] })],
      cells: [heatCell({ feature: HOSTILE })],
      days: [{ dayMs: at('2013-05-01'), version: HOSTILE, rows: 9, loss: 5, lossSquares: 4 }],
    }),
    incidentPage({
      models: ['flights', HOSTILE],
      transitions: [transition({ features: [HOSTILE], cause: HOSTILE })],
      now: transition({ features: [HOSTILE], segments: [HOSTILE] }),
      findings: [finding({ feature: HOSTILE, segment: HOSTILE, evidence: HOSTILE, effectUnit: HOSTILE })],
      requests: [request({ cause: HOSTILE })],
      versions: [version({ version: HOSTILE })],
    }),
    verdictsPage({
      models: ['flights'],
      filter: { ...FILTER, feature: HOSTILE, segment: HOSTILE, kind: HOSTILE },
      page: 2,
      lines: [verdictLine({ feature: HOSTILE, segment: HOSTILE, evidence: HOSTILE })],
      features: [HOSTILE],
      segments: [HOSTILE],
    }),
    verdictPage({
      models: ['flights'],
      verdict: verdictRow({
        feature: HOSTILE,
        detail: JSON.stringify({ [HOSTILE]: HOSTILE, evidence: HOSTILE }),
      }),
      revisions: [],
      lateRows: 0,
      histogram: {
        binsId: HOSTILE,
        kind: 'categorical',
        edges: [],
        categories: [HOSTILE],
        reference: new Map([[0, 3]]),
        current: new Map([[0, 2]]),
      },
    }),
    modelsPage({
      models: ['flights'],
      model: HOSTILE,
      versions: [
        version({ version: HOSTILE, uri: HOSTILE, config: `{"a":"${HOSTILE.replaceAll('"', '')}"}` }),
      ],
      requests: [request({ id: 'other', cause: HOSTILE })],
    }),
  ];
  for (const page of pages) {
    assert.match(page, /&#60;img/);
    assert.doesNotMatch(page, /<img|onerror="/);
  }
});

test('the four states look different from each other, and only ok looks ok', () => {
  const badges = VERDICT_STATES.map((verdict) => {
    const page = verdictsPage({
      models: [],
      filter: FILTER,
      page: 1,
      lines: [verdictLine({ verdict })],
      features: [],
      segments: [],
    });
    const [badge] = page.match(/<span class="badge [^<]+<\/span>/) ?? [];
    return badge;
  });
  assert.deepEqual(
    badges,
    VERDICT_STATES.map((state) => `<span class="badge ${state}">${state}</span>`),
  );
});

test('an insufficient verdict says how many rows it needed', () => {
  const line = verdictLine({
    verdict: 'insufficient',
    value: null,
    pValue: null,
    effect: null,
    n: 12,
    need: 200,
    evidence: 'insufficient: 12 of 200 rows',
  });
  const page = verdictsPage({
    models: [],
    filter: FILTER,
    page: 1,
    lines: [line],
    features: [],
    segments: [],
  });
  assert.match(page, /insufficient: 12 of 200 rows \(needed: 200\)/);
});

test('days of the heatmap that look alike are one piece; a gap and another state begin a new one', () => {
  const cells = [
    heatCell({ dayMs: at('2013-05-01'), rows: 900 }),
    heatCell({ dayMs: at('2013-05-02'), rows: 870 }),
    heatCell({ dayMs: at('2013-05-04') }),
    heatCell({ dayMs: at('2013-05-05'), worst: 'insufficient', rows: 12 }),
    heatCell({ dayMs: at('2013-05-06'), worst: 'no-reference' }),
    heatCell({ dayMs: at('2013-05-07'), worst: 'drift', timesFloor: 1.2 }),
    heatCell({ dayMs: at('2013-05-08'), worst: 'drift', timesFloor: 3 }),
    heatCell({ dayMs: at('2013-05-09'), worst: 'drift', timesFloor: 9 }),
  ];
  assert.deepEqual(tonesOf(cells), [
    'ok',
    'ok',
    'insufficient',
    'no-reference',
    'drift-1',
    'drift-2',
    'drift-3',
  ]);
  const page = driftHeatmap({ cells, choice: CHOICE, segments: [''], range: RANGE }).markup;
  assert.match(page, /temperature_f: ok on 2 days from 2013-05-01, n 870 to 900 rows/);
  assert.match(
    page,
    /temperature_f: drift on 1 day from 2013-05-09, largest effect 9 times its floor, n 900 rows/,
  );
  assert.match(
    page,
    /\/verdicts\?model=flights&#38;kind=data-drift&#38;segment=all&#38;feature=temperature_f&#38;from=2013-05-01&#38;to=2013-05-03/,
  );
});

test('incidents that overlap get rows of their own, and an open one reaches the end of event time', () => {
  const page = timeline({
    incidents: [
      incidentNow({ beganMs: at('2013-04-01'), changedMs: at('2013-05-01'), status: 'resolved' }),
      incidentNow({ beganMs: at('2013-04-15'), severity: 'ALERT' }),
      incidentNow({ beganMs: at('2013-05-10'), changedMs: at('2013-05-20'), status: 'resolved' }),
    ],
    requests: [],
    versions: [],
    range: RANGE,
  }).markup;
  const bars = [...page.matchAll(/<rect class="([^"]+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"/g)];
  assert.deepEqual(
    bars.map(([, tone]) => tone),
    ['warning-bar over', 'alert-bar', 'warning-bar over'],
  );
  const [first, second, third] = bars.map(([, , x, y, width]) => ({
    x: Number(x),
    y: Number(y),
    end: Number(x) + Number(width),
  }));
  assert.notEqual(first?.y, second?.y);
  assert.equal(first?.y, third?.y);
  assert.ok(Math.abs((second?.end ?? 0) - 1234.5) < 0.2, `ends at ${second?.end}`);
});

test('the performance chart tells each day with its labels and each version with its expected level', () => {
  const page = performanceChart({
    days: [
      { dayMs: at('2013-05-01'), version: 'v1', rows: 752, loss: 320.6, lossSquares: 271 },
      { dayMs: at('2013-05-02'), version: 'v2', rows: 20, loss: 10, lossSquares: 8 },
    ],
    estimates: [
      { dayMs: at('2013-05-02'), version: 'v2', rows: 760, loss: 0.51, low: 0.47, high: 0.55 },
      { dayMs: at('2013-05-03'), version: 'v3', rows: 9, loss: 0.6, low: 0.2, high: 1 },
    ],
    versions: [version({ version: 'v1', baselineLogLoss: 0.5426 }), version({ baselineLogLoss: null })],
    range: RANGE,
  }).markup;
  assert.match(page, /2013-05-02 v2: estimated 0.5100 \(0.4700 to 0.5500\) on 760 predictions/);
  assert.match(page, /class="series-1 estimate"/);
  assert.match(page, /v3 \(0 labels, expected –\)/);
  assert.match(page, /2013-05-01 v1: log-loss 0.4263 on 752 labels/);
  assert.match(page, /v1: expected 0.5426/);
  assert.match(page, /class="series-1 few"/);
  assert.match(page, /v2 \(20 labels, expected –\)/);
});

test('an incident page tells what was known when, and follows the retrain to its release', () => {
  const page = incidentPage({
    models: ['flights'],
    transitions: [
      transition({ severity: 'WARNING', summary: 'first sight' }),
      transition({ revision: 1, transition: 'update' }),
    ],
    now: transition({ revision: 1 }),
    findings: [finding()],
    requests: [request()],
    versions: [version()],
  });
  assert.match(page, /first sight/);
  assert.match(page, /2 d of event time later/);
  assert.match(page, /0.0716 nats/);
  assert.match(page, /v2<\/a> accepted 2013-05-03, log-loss 0.6029 → 0.5973 on 6,402 rows/);
  assert.match(page, /from=2013-04-29&#38;to=2013-05-08/);
});

test('an incident page tells what moved first, where, after what change, at what cost, and why it was corrected', () => {
  const page = (now: ReturnType<typeof transition>) =>
    incidentPage({ models: [], transitions: [now], now, findings: [], requests: [], versions: [] });
  const text = page(transition({ reason: '12 late rows of the window of 2013-05-01 lowered it' }));
  assert.match(text, /Moved first<\/dt><dd>log_loss, all rows \(concept-drift\)/);
  assert.match(text, /93% of the change in origin=JFK \(n 312\)/);
  assert.match(text, /writer schema 7 first seen on serving.flights at 2013-04-30, 1 d before/);
  assert.match(text, /\+41\.5 nats of log-loss over 830 rows \(0\.05 each\), by their labels/);
  assert.match(text, /Corrected<\/dt><dd>12 late rows/);
  const bare = page(
    transition({
      carrier: { segment: '', share: null, rows: 0 },
      change: null,
      cost: { nats: null, basis: 'insufficient', rows: 0 },
    }),
  );
  assert.match(bare, /spread over all segments/);
  assert.match(bare, /no new writer schema, producer or model version before it/);
  assert.match(bare, /insufficient: no such rows/);
  assert.doesNotMatch(bare, /Corrected/);
});

test('a verdict page tells of rows that no verdict rests on', () => {
  const page = (lateRows: number) =>
    verdictPage({ models: [], verdict: verdictRow(), revisions: [], lateRows, histogram: undefined });
  assert.match(page(3), /3 more are stored that no verdict rests on/);
  assert.doesNotMatch(page(0), /no verdict rests on/);
});

test('a request without a version is not answered yet', () => {
  const page = incidentPage({
    models: ['flights'],
    transitions: [transition()],
    now: transition(),
    findings: [],
    requests: [request()],
    versions: [],
  });
  assert.match(page, /not answered yet/);
});

test('a verdict page carries the whole evidence', () => {
  const page = verdictPage({
    models: ['flights'],
    verdict: verdictRow(),
    revisions: [],
    lateRows: 0,
    histogram: undefined,
  });
  for (const part of [
    'mean 80.24 degF against 74.71 degF',
    'psi 1.052',
    '1.3e-16, counts below 1.2e-4',
    '12.79% of rows, counts above 10% of rows',
    'n 321 in the current window, m 9,577 in the reference window',
    '2: [38462, 38774)',
    '281f22e3bf39dd3d',
    'two-sample F(1.00, 27)',
    'this window alone, by its p-value',
  ]) {
    assert.ok(page.includes(part), part);
  }
});

test('a drift that stands without a small p-value of its own says what found it', () => {
  const detail = JSON.stringify({ channel: 'windows', over_windows: 27_772, over_windows_threshold: 8280 });
  const page = verdictPage({
    models: [],
    verdict: verdictRow({ detail, pValue: 0.4 }),
    revisions: [],
    lateRows: 0,
    histogram: undefined,
  });
  assert.match(page, /evidence gathered over windows \(27770, counts above 8280\)/);
});

test('bins are named by what they hold, and codes below zero by what they are', () => {
  const numeric = { kind: 'numeric', edges: [10, 20.5], categories: [] };
  assert.deepEqual(
    [0, 1, 2, -1, -2, -3, -4, -5].map((code) => binName(code, numeric)),
    ['< 10', '10 – 20.5', '≥ 20.5', 'null', 'NaN', '-Inf', '+Inf', 'unseen'],
  );
  const categorical = { kind: 'categorical', edges: [], categories: ['EWR', 'JFK'] };
  assert.deepEqual(
    [0, 1, 2].map((code) => binName(code, categorical)),
    ['EWR', 'JFK', 'other'],
  );
});

test('the histogram gives shares with the rows behind them on both sides', () => {
  const page = histogramView({
    binsId: 'b',
    kind: 'categorical',
    edges: [],
    categories: ['EWR', 'JFK'],
    reference: new Map([
      [0, 30],
      [1, 10],
    ]),
    current: new Map([
      [0, 1],
      [-1, 3],
    ]),
  }).markup;
  assert.match(page, /EWR: reference 75% \(30 of 40\), current 25% \(1 of 4\)/);
  assert.match(page, /null: reference 0% \(0 of 40\), current 75% \(3 of 4\)/);
  assert.match(page, /reference window, 40 rows/);
});

test('a version shows its receipt, and one that was rolled back does not serve', () => {
  const receipt = {
    verdict: 'helped',
    reason: 'v2 changed log-loss by -0.0431 against v1',
    labels: 9_000,
    predicted: 0.0056,
    measured: 0.0431,
    low: 0.0312,
    high: 0.055,
  };
  const page = modelsPage({
    models: ['flights'],
    model: 'flights',
    versions: [
      version({ version: 'v1', parent: '' }),
      version({ receipt }),
      version({ version: 'v3', rolledBack: true }),
    ],
    requests: [],
  });
  assert.match(page, /\+0\.0431 \[\+0\.0312, \+0\.0550\]/);
  assert.match(page, /helped: v2 changed log-loss by -0\.0431 against v1/);
  assert.match(page, /<h2>v2 <span class="badge ok">champion<\/span>/);
  assert.match(page, /<h2>v3 <span class="badge rejected">rolled back<\/span>/);
  assert.match(page, /not yet: the labels of its first weeks are awaited/);
});

test('while a version is tested the champion is the one that answers, and the tested ones are called what they are', () => {
  const page = modelsPage({
    models: ['flights'],
    model: 'flights',
    versions: [
      version({ version: 'v1', parent: '', aliases: ['champion'], share: 0.95 }),
      version({ version: 'v2', aliases: ['challenger'], share: 0.05, createdMs: at('2013-06-01') }),
      version({ version: 'v3', aliases: ['shadow'], createdMs: at('2013-06-02') }),
      version({ version: 'v4', createdMs: at('2013-06-03') }),
    ],
    requests: [],
  });
  assert.match(page, /<h2>v1 <span class="badge ok">champion, answers 95 %<\/span>/);
  assert.match(page, /<h2>v2 <span class="badge warning">challenger, answers 5 %<\/span>/);
  assert.match(page, /<h2>v3 <span class="badge warning">shadow<\/span>/);
  assert.match(page, /<h2>v4 <span class="badge over">accepted, waits<\/span>/);
});

test('rejected versions keep their reasons, and a version nobody asked for in the table says so', () => {
  const page = modelsPage({
    models: ['flights'],
    model: 'flights',
    versions: [
      version({ version: 'v1', requestId: 'x', parent: '', logLossBefore: null }),
      version({ status: 'rejected', reasons: ['not better'] }),
    ],
    requests: [request()],
  });
  assert.match(page, /not better/);
  assert.match(page, /none: asked for from outside/);
  assert.match(page, /id="v1"><h2>v1 <span class="badge ok">champion/);
  assert.match(page, /-0.0056/);
  assert.match(page, /0: \[17, 23905\)/);
});

test('with several models every page can be had for each of them, with one there is no choice', () => {
  const several = overviewPage({ ...NOTHING, models: ['flights', 'fraud'] });
  assert.match(several, /<a href="\/\?model=fraud">fraud<\/a>/);
  assert.match(several, /<a href="\/models\?model=flights">Models<\/a>/);
  const one = overviewPage(NOTHING);
  assert.match(one, /<a href="\/models">Models<\/a>/);
  assert.match(one, /model flights/);
});

test('alerts come before warnings, newer before older', () => {
  const order = bySeverity([
    incidentNow({ id: 'a', openedMs: 1 }),
    incidentNow({ id: 'b', openedMs: 2, severity: 'ALERT' }),
    incidentNow({ id: 'c', openedMs: 3 }),
  ]);
  assert.deepEqual(
    order.map(({ id }) => id),
    ['b', 'c', 'a'],
  );
});

test('the range of the first page is from the first thing known to stream time, a year at most', () => {
  const stage = { stage: 'serving', streamTimeMs: at('2013-09-01'), moving: false };
  assert.deepEqual(rangeOf([stage], [at('2013-03-01')]), RANGE);
  assert.equal(rangeOf([stage], [at('2001-01-01')]).fromMs, at('2012-08-31'));
  const empty = rangeOf([], []);
  assert.ok(empty.fromMs < empty.untilMs);
});

function tonesOf(cells: readonly HeatCell[]): string[] {
  const page = driftHeatmap({ cells, choice: CHOICE, segments: [''], range: RANGE }).markup;
  return [...page.matchAll(/<rect class="([^"]+)"/g)].map(([, tone]) => tone ?? '');
}
