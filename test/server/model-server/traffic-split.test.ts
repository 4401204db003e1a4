import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadedVersions } from '../../../src/server/model-server/loaded-versions.ts';
import { createTrafficSplits, readSplit } from '../../../src/server/model-server/traffic-split.ts';

function loaded(...names: readonly string[]): LoadedVersions {
  return {
    lease: () => undefined,
    add: () => undefined,
    has: (version) => names.includes(version),
    current: () => names[0],
    list: () => names,
    close: async () => undefined,
  };
}

const IDS = Array.from({ length: 1_000 }, (_, at) => `id-${at}`);

test('without a split there is one group and the newest version answers it', () => {
  const groups = createTrafficSplits().group('m', loaded('v2', 'v1'), IDS);
  assert.equal(groups.length, 1);
  assert.equal(groups[0]?.version, undefined);
  assert.equal(groups[0]?.positions.length, IDS.length);
});

test('a split answers every id once, always by the same version, and a version that is gone loses only its ids', () => {
  const splits = createTrafficSplits();
  const read = readSplit({ experiment: 'e', weights: { v1: 0.8, v2: 0.2 } }, loaded('v3', 'v2', 'v1'));
  assert.ok(read.status === 'ok');
  splits.set('m', read.split);
  const versionOf = (versions: LoadedVersions): (string | undefined)[] => {
    const answers = new Array<string | undefined>(IDS.length);
    for (const { version, positions } of splits.group('m', versions, IDS)) {
      for (const position of positions) {
        assert.equal(answers[position], undefined);
        answers[position] = version;
      }
    }
    return answers;
  };
  const both = versionOf(loaded('v3', 'v2', 'v1'));
  assert.deepEqual(versionOf(loaded('v3', 'v2', 'v1')), both);
  const second = both.filter((version) => version === 'v2').length;
  assert.ok(second > 140 && second < 260, String(second));
  assert.ok(versionOf(loaded('v3', 'v1')).every((version) => version === 'v1'));
  splits.clear('m');
  assert.equal(splits.get('m'), undefined);
});

test('a split that cannot be is refused with a sentence', () => {
  const why = (body: unknown): string => {
    const read = readSplit(body, loaded('v2', 'v1'));
    return read.status === 'bad' ? read.why : 'ok';
  };
  assert.match(why({ experiment: 'e', weights: { v9: 1 } }), /not loaded: v9; loaded are v2, v1/);
  assert.match(why({ experiment: 'e', weights: { v1: 0 } }), /above 0/);
  assert.match(why({ experiment: 'e', weights: { v1: -1 } }), /weights/);
  assert.match(why({ weights: { v1: 1 } }), /experiment/);
  assert.equal(why({ experiment: 'e', weights: { v1: 1, v2: 0 } }), 'ok');
});
