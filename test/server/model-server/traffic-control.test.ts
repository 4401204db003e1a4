import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadedVersions } from '../../../src/server/model-server/loaded-versions.ts';
import { createTrafficControl, readSplit } from '../../../src/server/model-server/traffic-control.ts';

function loaded(...names: readonly string[]): LoadedVersions {
  return {
    lease: () => undefined,
    add: () => undefined,
    hold: () => undefined,
    has: (version) => names.includes(version),
    current: () => names[0],
    list: () => names,
    close: async () => undefined,
  };
}

const EXAMPLES = Array.from({ length: 1_000 }, (_, at) => ({ id: `id-${at}`, eventTimeMs: at }));

test('without a split there is one group and the default answers it', () => {
  const control = createTrafficControl({
    versions: new Map([['m', loaded('v1')]]),
    rollouts: new Map(),
    keepBefore: true,
  });
  const groups = control.group('m', EXAMPLES);
  assert.deepEqual(
    groups.map(({ version, positions }) => [version, positions.length]),
    [[undefined, EXAMPLES.length]],
  );
});

test('a split answers every example once, always by the same version', () => {
  const versions = loaded('v3', 'v2', 'v1');
  const control = createTrafficControl({
    versions: new Map([['m', versions]]),
    rollouts: new Map(),
    keepBefore: true,
  });
  const read = readSplit({ experiment: 'e', weights: { v1: 0.8, v2: 0.2 } }, versions);
  assert.ok(read.status === 'ok');
  control.change('m', read.change);
  const answers = (): (string | undefined)[] => {
    const given = new Array<string | undefined>(EXAMPLES.length);
    for (const { version, positions } of control.group('m', EXAMPLES)) {
      for (const position of positions) {
        assert.equal(given[position], undefined);
        given[position] = version;
      }
    }
    return given;
  };
  const both = answers();
  assert.deepEqual(answers(), both);
  const second = both.filter((version) => version === 'v2').length;
  assert.ok(second > 140 && second < 260, String(second));
});

test('a split that cannot be is refused with a sentence', () => {
  const why = (body: unknown): string => {
    const read = readSplit(body, loaded('v2', 'v1'));
    return read.status === 'bad' ? read.why : 'ok';
  };
  assert.match(why({ experiment: 'e', weights: { v9: 1 } }), /not loaded: v9; loaded are v2, v1/);
  assert.match(why({ experiment: 'e', shadows: ['v9'] }), /not loaded: v9/);
  assert.match(why({ experiment: 'e', weights: { v1: 0 } }), /above 0/);
  assert.match(why({ experiment: 'e' }), /above 0/);
  assert.match(why({ experiment: 'e', weights: { v1: -1 } }), /weights/);
  assert.match(why({ weights: { v1: 1 } }), /experiment/);
  assert.match(why({ experiment: 'e', weights: { v1: 1 }, from: 'noon' }), /from/);
  assert.equal(why({ experiment: 'e', weights: { v1: 1, v2: 0 }, from: '2024-01-01T00:00:00Z' }), 'ok');
});
