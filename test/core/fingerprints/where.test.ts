import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pair } from '../../../src/core/fingerprints/pair.ts';
import { findWhere } from '../../../src/core/fingerprints/where.ts';

const MINUTE = 60_000;

function examples(bad: (at: number) => boolean): { mismatching: Pair[]; matching: Pair[] } {
  const all = Array.from(
    { length: 300 },
    (_, at): Pair => ({
      id: `id-${at}`,
      training: 1,
      serving: bad(at) ? 2 : 1,
      eventTimeMs: at * MINUTE,
      attributes: {
        origin: ['EWR', 'JFK', 'LGA'][at % 3] ?? '',
        producer: at % 6 === 1 ? 'edge 2.0' : 'edge 1.9',
        'schema id': '7',
      },
    }),
  );
  return {
    mismatching: all.filter(({ training, serving }) => training !== serving),
    matching: all.filter(({ training, serving }) => training === serving),
  };
}

test('the segment that carries all mismatching ids is named with its shares', () => {
  const { place, sinceMs } = findWhere(examples((at) => at % 3 === 1));
  assert.deepEqual(place, { attribute: 'origin', value: 'JFK', shareInside: 1, shareOutside: 0, carries: 1 });
  assert.equal(sinceMs, undefined);
});

test('of places that carry all of them the smallest is named', () => {
  assert.equal(findWhere(examples((at) => at % 6 === 1)).place?.value, 'edge 2.0');
});

test('a share of all examples is no place', () => {
  assert.deepEqual(findWhere(examples((at) => at % 10 === 0)), {});
  assert.deepEqual(findWhere(examples(() => true)), {});
  assert.deepEqual(findWhere(examples(() => false)), {});
});

test('the start within the window is the first mismatching id, in the place', () => {
  const { place, sinceMs } = findWhere(examples((at) => at % 3 === 1 && at >= 120));
  assert.equal(place?.value, 'JFK');
  assert.equal(sinceMs, 121 * MINUTE);
});

test('samples of both are weighed by how many there are', () => {
  const { mismatching, matching } = examples((at) => at % 3 === 1 && at % 2 === 0);
  const totals = { mismatching: 50, matching: 25_000 };
  const { place } = findWhere({ mismatching, matching, totals });
  assert.equal(place?.value, 'JFK');
  // 50 of JFK mismatch; of the 250 matching in the sample 50 are JFK, which stand for 5,000.
  assert.ok(Math.abs((place?.shareInside ?? 0) - 50 / 5_050) < 1e-12);
});

test('examples without attributes or times have no where', () => {
  const { mismatching, matching } = examples((at) => at > 100);
  const bare = ({ id, training, serving }: Pair): Pair => ({ id, training, serving });
  assert.deepEqual(findWhere({ mismatching: mismatching.map(bare), matching: matching.map(bare) }), {});
});
