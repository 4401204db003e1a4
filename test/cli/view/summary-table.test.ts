import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { CELSIUS, NO_CARRIER } from '../../../deploy/demo/story.ts';
import type { Incident, Summary } from '../../../deploy/demo/summary.ts';
import { openView } from '../../../src/cli/view/open-view.ts';
import { summaryTable } from '../../../src/cli/view/summary-table.ts';

const day = (month: number, date: number): number => Date.UTC(2013, month - 1, date);

test('findings stand under the incident they belong to, in columns that line up', () => {
  const lines = summaryTable(SUMMARY).split('\n');
  const at = (text: string) => lines.findIndex((line) => line.includes(text));
  assert.equal(lines[1], 'INCIDENTS  2 incidents of 3 findings: 2 ALERT (to page), 0 WARNING (to read)');
  const head = at('ALERT  open      feature-skew');
  assert.match(
    lines[head + 1] ?? '',
    /^ {4}feature-skew {3}temperature_f {2}all rows {4}2013-08-05 {2}2013-08-07 {2}\[injected: temperature in Celsius\] 326 of 999/,
  );
  assert.match(lines[head + 2] ?? '', /^ {4}feature-skew {3}temperature_f {2}origin=JFK {2}2013-08-05/);
  const other = at('ALERT  resolved  concept-drift');
  assert.match(
    lines[other] ?? '',
    /log_loss +retrain requested +in origin=JFK, \+41\.5 nats on 1,830 rows estimated, after writer schema 7/,
  );
  assert.match(lines[other + 1] ?? '', /^ {4}concept-drift {2}log_loss/);
});

test('the newest revision of an incident is the one that is shown', () => {
  const text = summaryTable(SUMMARY);
  assert.equal(text.match(/concept-drift +log_loss +retrain/g)?.length, 1);
  assert.doesNotMatch(text, /^ +WARNING/m);
});

test('injected faults tell how long they took to find, or that they were not', () => {
  const text = summaryTable(SUMMARY);
  assert.match(
    text,
    /temperature in Celsius {2}from 2013-08-05 {2}found after 2.5 days {2}by feature-skew in temperature_f/,
  );
  assert.match(text, /carrier missing {9}from 2013-06-10 {2}not found/);
});

test('versions show log-loss before and after on how many rows, a dash for the first', () => {
  const text = summaryTable(SUMMARY);
  assert.match(text, /v1 +accepted +2013-03-01 +49,855 +- +0\.5426 +6,233 +there is no champion to beat/);
  assert.match(text, /v2 +accepted +2013-03-25 +71,375 +0\.6029 +0\.5973 +6,402/);
  assert.match(text, /2013-03-25 {2}Concept drift in log_loss/);
});

test('the accounting line counts what the brokers hold and was never consumed as unexplained', () => {
  assert.match(
    summaryTable(SUMMARY),
    /produced 1000 = stored 990 \+ dead letters 9 \+ tombstones 1, unexplained 0/,
  );
  const behind = { ...SUMMARY, produced: 1005 };
  assert.match(summaryTable(behind), /produced 1005 = .*, unexplained 5/);
});

test('no line is longer than the width, whatever the width, and what was cut says so', () => {
  for (const columns of [40, 60, 80, 120]) {
    const lines = summaryTable(SUMMARY, { columns }).split('\n');
    for (const line of lines) assert.ok(line.length <= columns, `${line.length} > ${columns}: ${line}`);
    assert.ok(lines.some((line) => line.endsWith('…')));
    assert.ok(lines.join(' ').includes('unexplained 0'), 'the sum is never cut');
  }
});

test('colours are there only when asked for, and change nothing but colours', () => {
  const plain = summaryTable(SUMMARY, { columns: 100 });
  const coloured = summaryTable(SUMMARY, { columns: 100, colour: true });
  assert.equal(plain.includes('\u001b'), false);
  assert.notEqual(coloured, plain);
  assert.equal(stripVTControlCharacters(coloured), plain);
});

test('control characters from records do not reach the terminal', () => {
  const [finding, ...others] = SUMMARY.findings;
  assert.ok(finding !== undefined);
  const hostile = { ...finding, feature: 'a\u001b[2Jb', evidence: 'line\nbreak' };
  const text = summaryTable({ ...SUMMARY, findings: [hostile, ...others] });
  assert.equal(text.includes('\u001b'), false);
  assert.match(text, /a\ufffd\[2Jb/);
  assert.match(text, /line\ufffdbreak/);
});

test('a finding whose incident is not known yet is still shown', () => {
  const text = summaryTable({ ...SUMMARY, incidents: [] });
  assert.match(text, /INCIDENTS {2}0 incidents of 3 findings/);
  assert.match(text, /feature-skew {3}temperature_f {2}all rows/);
});

test('a story without anything is a table without anything', () => {
  const text = summaryTable({
    ...SUMMARY,
    findings: [],
    faults: [],
    incidents: [],
    retrains: [],
    versions: [],
    produced: 0,
    accounting: { consumed: 0, stored: 0, dead_letters: 0, tombstones: 0, unexplained: 0 },
  });
  assert.doesNotMatch(text, /NaN|undefined/);
  assert.match(text, /INCIDENTS {2}0 incidents of 0 findings/);
});

test('a view for a pipe asks for tables of any width without colours', () => {
  const view = openView({ json: false, noColour: true });
  assert.deepEqual(view.style(), {});
});

function incident(change: Partial<Incident>): Incident {
  return {
    incident_id: 'a',
    revision: 0,
    transition: 'open',
    kind: 'feature-skew',
    severity: 'ALERT',
    status: 'open',
    began: day(8, 5),
    reported: day(8, 7),
    features: ['temperature_f'],
    segments: [''],
    summary: 'Feature skew in temperature_f',
    carrier: 'origin=JFK',
    change: 'writer schema 7 first seen on serving.flights',
    cost: 41.5,
    cost_basis: 'estimated',
    cost_rows: 1_830,
    retrain: 'feature-skew is not a reason to retrain',
    ...change,
  };
}

function finding(change: Partial<Summary['findings'][number]>): Summary['findings'][number] {
  return {
    finding_id: 'f',
    incident_id: 'a',
    kind: 'feature-skew',
    class: 'mismatch-fraction',
    feature: 'temperature_f',
    segment: '',
    status: 'open',
    began: day(8, 5),
    reported: day(8, 7) + 43_200_000,
    last_seen: day(8, 26),
    windows: 21,
    effect: 0.326,
    effect_unit: 'share',
    evidence:
      '326 of 999 joined examples differ (32.63%), mean 23.38 degF in serving against 74.09 degF in training',
    fault: CELSIUS,
    ...change,
  };
}

const FIRST = finding({});
const SUMMARY: Summary = {
  findings: [
    finding({
      incident_id: 'b',
      kind: 'concept-drift',
      class: 'log-loss',
      feature: 'log_loss',
      began: day(3, 24),
      reported: day(3, 25),
      evidence: 'log loss 0.5989 over the last windows against 0.5426 expected of v1',
      fault: undefined,
    }),
    FIRST,
    finding({ segment: 'origin=JFK' }),
  ],
  faults: [
    { fault: NO_CARRIER, first: undefined },
    { fault: CELSIUS, first: FIRST },
  ],
  incidents: [
    incident({ incident_id: 'b', kind: 'concept-drift', features: ['log_loss'], severity: 'WARNING' }),
    incident({
      incident_id: 'b',
      revision: 1,
      kind: 'concept-drift',
      features: ['log_loss'],
      status: 'resolved',
      retrain: 'requested',
    }),
    incident({}),
  ],
  retrains: [
    {
      request_id: 'r',
      incident_id: 'b',
      cause: 'Concept drift in log_loss: log loss 0.5989 over the last windows against 0.5426 expected of v1',
      requested: day(3, 25),
      train_from: day(1, 1),
      train_until: day(3, 25),
    },
  ],
  versions: [
    {
      version: 'v1',
      status: 'accepted',
      reasons: ['there is no champion to beat'],
      parent: '',
      created: day(3, 1),
      request_id: 'q',
      snapshot_rows: 49_855,
      validation_rows: 6233,
      log_loss_before: null,
      log_loss_after: 0.5426,
    },
    {
      version: 'v2',
      status: 'accepted',
      reasons: ['log-loss 0.5973 against 0.6029 of v1 on 6402 rows of the newest 7 days'],
      parent: 'v1',
      created: day(3, 25),
      request_id: 'r',
      snapshot_rows: 71_375,
      validation_rows: 6402,
      log_loss_before: 0.6029,
      log_loss_after: 0.5973,
    },
  ],
  produced: 1000,
  accounting: { consumed: 1000, stored: 990, dead_letters: 9, tombstones: 1, unexplained: 0 },
};
