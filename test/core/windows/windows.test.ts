import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDuration } from '../../../src/core/windows/duration.ts';
import { paneOf, panesBetween, seasonOf } from '../../../src/core/windows/pane.ts';
import { mergePanes, type PaneCounts, withoutPane } from '../../../src/core/windows/pane-counts.ts';
import { clampEventTime, type PartitionTime, watermark } from '../../../src/core/windows/watermark.ts';

const DAY = 86_400_000;

test('a duration is a whole number and a unit, and nothing else', () => {
  assert.equal(parseDuration('90d'), 90 * DAY);
  assert.equal(parseDuration('36h'), 36 * 3_600_000);
  assert.equal(parseDuration('250ms'), 250);
  for (const wrong of ['', '1', 'd', '1.5h', '-1d', '1 d x', '1y'])
    assert.equal(parseDuration(wrong), undefined, wrong);
});

test('a pane holds its start and not its end, before 1970 as after', () => {
  assert.equal(paneOf(0, DAY), 0);
  assert.equal(paneOf(DAY - 1, DAY), 0);
  assert.equal(paneOf(DAY, DAY), DAY);
  assert.equal(paneOf(-1, DAY), -DAY);
  assert.deepEqual(panesBetween({ fromMs: 10, untilMs: 2 * DAY, paneMs: DAY }), [0, DAY]);
  assert.deepEqual(panesBetween({ fromMs: 10, untilMs: 2 * DAY - 1, paneMs: DAY }), [0]);
});

test('the season of a week begins on Monday', () => {
  assert.equal(seasonOf(Date.UTC(2013, 2, 4), 'week'), 0);
  assert.equal(seasonOf(Date.UTC(2013, 2, 10), 'week'), 6);
  assert.equal(seasonOf(Date.UTC(2013, 2, 10, 17), 'day'), 17);
  assert.equal(seasonOf(Date.UTC(2013, 2, 10, 17), 'none'), 0);
});

const active = (maxEventTimeMs: number): PartitionTime => ({
  maxEventTimeMs,
  caughtUp: false,
  lastRecordMs: 0,
});
const settings = { disorderMs: 10, idleAfterMs: 1_000, nowMs: 100_000 };

test('stream time is that of the slowest partition, less the disorder', () => {
  assert.equal(watermark({ ...settings, partitions: [active(500), active(900)] }), 490);
});

test('a partition that is behind holds time back, one that is read to its end and quiet does not', () => {
  const quiet: PartitionTime = { maxEventTimeMs: 5, caughtUp: true, lastRecordMs: 0 };
  assert.equal(watermark({ ...settings, partitions: [quiet, active(900)] }), 890);
  assert.equal(watermark({ ...settings, partitions: [{ ...quiet, caughtUp: false }, active(900)] }), -5);
  const recent: PartitionTime = { ...quiet, lastRecordMs: 99_500 };
  assert.equal(watermark({ ...settings, partitions: [recent, active(900)] }), -5);
});

test('when all partitions are quiet, what they had said counts, also when it is looked at late', () => {
  const quiet = (maxEventTimeMs: number): PartitionTime => ({
    maxEventTimeMs,
    caughtUp: true,
    lastRecordMs: 0,
  });
  assert.equal(watermark({ ...settings, partitions: [quiet(500), quiet(900)], previousMs: 100 }), 490);
  const never: PartitionTime = { caughtUp: true, lastRecordMs: 0 };
  assert.equal(watermark({ ...settings, partitions: [never, quiet(900)] }), 890);
  assert.equal(watermark({ ...settings, partitions: [never, never] }), undefined);
});

test('time stands while a partition that is not idle has no record yet', () => {
  const empty: PartitionTime = { caughtUp: false, lastRecordMs: 99_900 };
  assert.equal(watermark({ ...settings, partitions: [empty, active(900)] }), undefined);
  assert.equal(watermark({ ...settings, partitions: [empty, active(900)], previousMs: 7 }), 7);
});

test('time never goes backwards when a partition comes back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 4 }), {
        minLength: 1,
      }),
      (rounds) => {
        let previousMs: number | undefined;
        for (const round of rounds) {
          const next = watermark({
            ...settings,
            partitions: round.map(active),
            ...(previousMs === undefined ? {} : { previousMs }),
          });
          assert.ok(next !== undefined && next >= (previousMs ?? -10));
          previousMs = next;
        }
      },
    ),
  );
});

test('a clock ten years ahead moves the watermark by the allowed skew only', () => {
  assert.equal(clampEventTime({ eventTimeMs: 10 * 365 * DAY, appendedMs: 1_000, maxFutureMs: 500 }), 1_500);
  assert.equal(clampEventTime({ eventTimeMs: 900, appendedMs: 1_000, maxFutureMs: 500 }), 900);
});

const pane = fc.uniqueArray(fc.integer({ min: -5, max: 20 }), { maxLength: 12 }).chain((codes) =>
  fc
    .array(fc.integer({ min: 1, max: 500 }), { minLength: codes.length, maxLength: codes.length })
    .map((counts): PaneCounts => {
      const sorted = codes.toSorted((a, b) => a - b);
      const n = counts.reduce((sum, count) => sum + count, 0);
      return { n, codes: sorted, counts, finite: n, total: n * 2, squares: n * 4 };
    }),
);

test('merging panes is associative and commutative, and the empty merge is its identity', () => {
  fc.assert(
    fc.property(pane, pane, pane, (a, b, c) => {
      assert.deepEqual(mergePanes([mergePanes([a, b]), c]), mergePanes([a, mergePanes([b, c])]));
      assert.deepEqual(mergePanes([a, b]), mergePanes([b, a]));
      assert.deepEqual(mergePanes([a, mergePanes([])]), mergePanes([a]));
    }),
  );
});

test('taking a pane out of a merge leaves the counts of the others', () => {
  fc.assert(
    fc.property(pane, pane, (a, b) => {
      const rest = withoutPane(mergePanes([a, b]), b);
      for (const [index, code] of rest.codes.entries())
        assert.equal(rest.counts[index], a.counts[a.codes.indexOf(code)] ?? 0);
      assert.equal(rest.n, a.n);
    }),
  );
});
