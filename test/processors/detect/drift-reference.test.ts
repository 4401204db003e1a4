import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driftReference, keepForDrift } from '../../../processors/detect/drift-reference.ts';
import type { PaneWindow } from '../../../processors/detect/references.ts';
import { type ModelConfig, parseConfig } from '../../../src/config.ts';

const DAY = 86_400_000;
/** A Monday. */
const START = Date.UTC(2024, 0, 1);

function configOf(model: object): ModelConfig {
  const config = parseConfig({ models: { m: model } }, 'driftwatch.yaml').models['m'];
  assert.ok(config !== undefined);
  return config;
}

/** Daily windows; the counts of each say which day it is. */
function history(config: ModelConfig, days: number): readonly PaneWindow[] {
  let windows: readonly PaneWindow[] = [];
  for (let day = 0; day < days; day += 1) {
    const pane = {
      n: 100 + day,
      codes: [0, 1],
      counts: [50, 50 + day],
      finite: 0,
      total: 0,
      squares: 0,
      minimum: null,
      maximum: null,
    };
    windows = keepForDrift({ windows, newest: [{ startMs: START + day * DAY, pane }], config });
  }
  return windows;
}

function referenceOf(config: ModelConfig, days: number) {
  const windows = history(config, days);
  return driftReference({ windows, kind: 'categorical', config, startMs: START + days * DAY });
}

test('trailing windows are the newest ones without those of the exclusion calendar', () => {
  const exclude = [{ from: '2024-01-24', until: '2024-01-26', why: 'a strike' }];
  const config = configOf({ trailing: 7, reference: { exclude } });
  // Days 0 to 29; the 24th and 25th of January are days 23 and 24.
  const days = [21, 22, 25, 26, 27, 28, 29];
  const { merged, windows, frozen } = referenceOf(config, 30);
  assert.deepEqual([windows, frozen], [7, false]);
  assert.equal(
    merged.n,
    days.reduce((sum, day) => sum + 100 + day, 0),
  );
  const unexcluded = referenceOf(configOf({ trailing: 7 }), 30);
  assert.equal(unexcluded.merged.n, 7 * 100 + 23 + 24 + 25 + 26 + 27 + 28 + 29);
});

test('a matched season is made of the windows of the same weekday alone', () => {
  const config = configOf({ trailing: 28, reference: { drift: 'season' } });
  assert.equal(config.minimum_windows, 3);
  // The window of day 30 is a Wednesday; of the 28 days before it, days 2, 9, 16 and 23 are.
  const { merged, windows, id } = referenceOf(config, 30);
  assert.equal(windows, 4);
  assert.equal(merged.n, 400 + 2 + 9 + 16 + 23);
  assert.match(id, /^season:2024-01-03T/);
});

test('a fixed range stays the reference however much later the window is', () => {
  const range = { from: '2024-01-05', until: '2024-01-12' };
  const exclude = [{ from: '2024-01-06', until: '2024-01-07' }];
  const config = configOf({ reference: { drift: 'range', range, exclude } });
  const early = referenceOf(config, 8);
  assert.equal(early.windows, 3, 'the windows that have come');
  const late = referenceOf(config, 200);
  assert.equal(late.windows, 6);
  assert.equal(late.frozen, true);
  assert.equal(late.merged.n, 600 + 4 + 6 + 7 + 8 + 9 + 10);
  assert.equal(late.id, 'range:2024-01-05T00:00:00.000Z/2024-01-12T00:00:00.000Z');
  assert.deepEqual(late.merged, referenceOf(config, 100).merged);
});

test('a reference that cannot be is refused with a sentence', () => {
  const refused = (model: object, says: RegExp) => assert.throws(() => configOf(model), says);
  refused({ reference: { drift: 'range' } }, /drift: range needs a range/);
  refused(
    { reference: { range: { from: '2024-01-01', until: '2024-02-01' } } },
    /only used with drift: range/,
  );
  refused({ season: 'none', reference: { drift: 'season' } }, /needs season: day or season: week/);
  const backwards = { drift: 'range', range: { from: '2024-02-01', until: '2024-02-01' } };
  refused({ reference: backwards }, /`until` to be after `from`/);
  refused(
    { reference: { exclude: [{ from: '24.12.2024', until: '2024-12-27' }] } },
    /expected a date such as 2013-12-24 .* received "24\.12\.2024"/,
  );
  refused({ reference: { exclude: [{ from: '2024-12-24' }] } }, /until/);
});
