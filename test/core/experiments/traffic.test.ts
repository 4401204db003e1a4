import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  changeTraffic,
  NO_TRAFFIC,
  releaseVersion,
  rollbackTarget,
  type Traffic,
  versionOf,
  versionsInUse,
} from '../../../src/core/experiments/traffic.ts';

const ALL = (): boolean => true;
const v = (number: number) => ({ version: `v${number}`, number });

function released(rollout: 'at once' | 'tested', ...numbers: readonly number[]): Traffic {
  return numbers.reduce((traffic, number) => releaseVersion(traffic, v(number), rollout), NO_TRAFFIC);
}

test('an accepted version answers at once, or waits when it is to be tested first', () => {
  assert.deepEqual(released('at once', 1, 2, 3).champions, ['v1', 'v2', 'v3']);
  assert.deepEqual(released('tested', 1, 2, 3).champions, ['v1']);
  assert.equal(released('tested', 1, 2, 3).newest, 3);
});

test('a version that was rolled back does not come back by being released again, and a newer one does', () => {
  const back = changeTraffic(released('at once', 1, 2, 3), {
    action: 'roll back',
    champion: 'v2',
    versions: [],
    shadows: [],
  });
  assert.deepEqual(back.champions, ['v1', 'v2']);
  assert.equal(releaseVersion(back, v(3), 'at once').champions.at(-1), 'v2');
  assert.equal(releaseVersion(back, v(4), 'at once').champions.at(-1), 'v4');
  assert.equal(rollbackTarget(back), 'v1');
  assert.equal(rollbackTarget(released('at once', 1)), undefined);
});

test('a step holds from its event time, keeps who was moved before, and the end of the experiment moves all back', () => {
  let traffic = released('tested', 1, 2);
  const step = (share: number, fromMs: number): void => {
    traffic = changeTraffic(traffic, {
      action: 'step',
      champion: 'v1',
      experiment: 'e',
      versions: [
        { version: 'v1', weight: 1 - share },
        { version: 'v2', weight: share },
      ],
      shadows: [],
      fromMs,
    });
  };
  step(0.05, 100);
  step(0.5, 200);
  const ids = Array.from({ length: 2_000 }, (_, at) => `id-${at}`);
  const moved = (eventTimeMs: number): Set<string> =>
    new Set(ids.filter((id) => versionOf(traffic, { id, eventTimeMs }, ALL) === 'v2'));
  assert.equal(moved(99).size, 0, 'before the first step nobody is moved');
  const [few, half] = [moved(150), moved(200)];
  assert.ok(few.size > 60 && few.size < 140, String(few.size));
  assert.ok(half.size > 900 && half.size < 1_100, String(half.size));
  for (const id of few) assert.ok(half.has(id), 'a larger share keeps those of the smaller one');
  assert.equal(versionOf(traffic, { id: undefined, eventTimeMs: 200 }, ALL), undefined);
  const ofNewest = versionOf(traffic, { id: 'id-1', eventTimeMs: undefined }, ALL);
  assert.equal(ofNewest, versionOf(traffic, { id: 'id-1', eventTimeMs: 999 }, ALL));
  assert.deepEqual(versionsInUse(traffic), ['v1', 'v2']);
  assert.equal(rollbackTarget(traffic), 'v1');
  const back = changeTraffic(traffic, {
    action: 'roll back',
    champion: 'v1',
    experiment: 'e',
    versions: [],
    shadows: [],
  });
  assert.deepEqual(back.phases, []);
  assert.equal(back.experiment, undefined);
});

test('a version that is not loaded loses its ids and no others move', () => {
  const traffic = changeTraffic(released('at once', 1, 2, 3), {
    action: 'split',
    champion: 'v3',
    experiment: 'e',
    versions: ['v1', 'v2', 'v3'].map((version) => ({ version, weight: 1 })),
    shadows: [],
  });
  for (let at = 0; at < 300; at += 1) {
    const example = { id: `id-${at}`, eventTimeMs: at };
    const before = versionOf(traffic, example, ALL);
    const after = versionOf(traffic, example, (version) => version !== 'v2');
    if (before !== 'v2') assert.equal(after, before);
    else assert.notEqual(after, 'v2');
  }
});
