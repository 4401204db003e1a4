import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepForDrift } from '../../../processors/detect/drift-reference.ts';
import { type JointPastWindow, jointDriftPast } from '../../../processors/detect/joint-drift-past.ts';
import { parseConfig } from '../../../src/config.ts';
import { commonParts } from '../../../src/core/joint/joint-past.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { seasonOf } from '../../../src/core/windows/pane.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday. */
const START = Date.UTC(2024, 0, 1);
const random = seededRandom(12);

function configOf(model: object) {
  return parseConfig({ models: { m: model } }, 'test').models['m'] ?? assert.fail();
}

/** The level of the pair is the number of its window. */
function windowAt(at: number, paneMs: number, season: 'day' | 'week' | 'none'): JointPastWindow {
  const startMs = START + at * paneMs;
  const part = (name: string, mean: number) =>
    ({ name, law: 'mean', mean, rowVariance: 1, rows: 1_000 }) as const;
  const components = [part('pair:0:1', at), part('pair:0:2', random())];
  return { startMs, season: seasonOf(startMs, season), components };
}

function history(config: ReturnType<typeof configOf>, count: number): readonly JointPastWindow[] {
  let windows: readonly JointPastWindow[] = [];
  for (let at = 0; at < count; at += 1)
    windows = keepForDrift({ windows, newest: [windowAt(at, config.pane, config.season)], config });
  return windows;
}

function levelOf(config: ReturnType<typeof configOf>, count: number) {
  const startMs = START + count * config.pane;
  const past = jointDriftPast({ windows: history(config, count), config, startMs });
  const level = past.baseline.components.get('pair:0:1')?.means[seasonOf(startMs, config.season)];
  return { past, level };
}

test('the joint verdict is compared with trailing windows, those of the season, or a fixed range, as the setting says', () => {
  const trailing = levelOf(configOf({ trailing: 28 }), 40);
  assert.deepEqual([trailing.past.windows, trailing.past.frozen], [28, false]);
  assert.match(trailing.past.id, /^trailing:2024-01-13T/);

  const season = levelOf(configOf({ trailing: 28, reference: { drift: 'season' } }), 40);
  // Day 40 is a Saturday; of the 28 days before it, days 12, 19, 26 and 33 are.
  assert.deepEqual([season.past.windows, season.past.frozen], [4, false]);
  assert.equal(season.level?.mean, (12 + 19 + 26 + 33) / 4);

  const range = { from: '2024-01-05', until: '2024-01-12' };
  const exclude = [{ from: '2024-01-06', until: '2024-01-07' }];
  const fixed = levelOf(configOf({ season: 'none', reference: { drift: 'range', range, exclude } }), 200);
  assert.deepEqual([fixed.past.windows, fixed.past.frozen], [6, true]);
  assert.equal(fixed.level?.mean, (4 + 6 + 7 + 8 + 9 + 10) / 6);
});

test('a long history is learned window by window with the numbers of learning it at once', () => {
  const config = configOf({ pane: '1h', season: 'day' });
  assert.equal(config.trailing, 672);
  let windows: readonly JointPastWindow[] = [];
  for (let at = 0; at < 900; at += 1) {
    const startMs = START + at * HOUR;
    const grown = jointDriftPast({ windows, config, startMs });
    if (at % 150 === 149 || at === 840 || at === 841) {
      // Other objects, so that nothing is known of them.
      const learned = jointDriftPast({ windows: windows.map((one) => ({ ...one })), config, startMs });
      assert.deepEqual(grown, learned);
    }
    windows = keepForDrift({ windows, newest: [windowAt(at, HOUR, 'day')], config });
  }
  assert.equal(windows.length, 672 + (900 - 840));
});

test('a window in the middle that was counted again is learned again', () => {
  const config = configOf({ pane: '1h', season: 'day' });
  const windows = Array.from({ length: 300 }, (_, at) => windowAt(at, HOUR, 'day'));
  const startMs = START + 300 * HOUR;
  const before = jointDriftPast({ windows, config, startMs });
  const changed = windows.map((one, at) => (at === 60 ? windowAt(61, HOUR, 'day') : one));
  const level = (past: typeof before) => past.baseline.components.get('pair:0:1')?.means[12]?.mean ?? 0;
  assert.ok(Math.abs(level(jointDriftPast({ windows: changed, config, startMs })) - level(before)) > 0.01);
});

test('a pair that a past window did not have is left out until that window has gone', () => {
  const config = configOf({ trailing: 28 });
  const windows = Array.from({ length: 28 }, (_, at) => windowAt(at, DAY, 'week'));
  const lacking = windows.map((one, at) =>
    at === 3 ? { ...one, components: one.components.filter(({ name }) => name !== 'pair:0:1') } : one,
  );
  const names = (some: readonly JointPastWindow[]) => [
    ...commonParts(
      jointDriftPast({ windows: some, config, startMs: START + 28 * DAY }).baseline,
    ).components.keys(),
  ];
  assert.deepEqual(names(windows), ['pair:0:1', 'pair:0:2']);
  assert.deepEqual(names(lacking), ['pair:0:2']);
  assert.deepEqual(names(lacking.slice(4)), ['pair:0:1', 'pair:0:2']);
});
