import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causeOf } from '../../../processors/detect/explain-skew.ts';
import { decodeValue } from '../../../processors/detect/skew-pairs.ts';
import type { Field } from '../../../src/core/contract/contract.ts';
import type { Pair } from '../../../src/core/fingerprints/pair.ts';

const TEMPERATURE: Field = {
  name: 'temperature_f',
  role: 'feature',
  kind: 'numeric',
  avro: 'double',
  nullable: true,
  unit: 'degF',
};
const MIDNIGHT = Date.UTC(2013, 7, 5);

function flights(celsius: (at: number) => boolean): {
  mismatching: Pair[];
  matching: Pair[];
  matchingTotal: number;
} {
  const all = Array.from({ length: 300 }, (_, at): Pair => {
    const training = 60 + ((at * 37) % 301) / 10;
    return {
      id: `flight-${at}`,
      training,
      serving: celsius(at) ? ((training - 32) * 5) / 9 : training,
      eventTimeMs: MIDNIGHT + at * 240_000,
      attributes: { origin: ['EWR', 'JFK', 'LGA'][at % 3] ?? '', 'schema id': '4' },
    };
  });
  const mismatching = all.filter(({ training, serving }) => training !== serving);
  const matching = all.filter(({ training, serving }) => training === serving);
  return { mismatching, matching, matchingTotal: matching.length };
}

test('the sentence names transform, coverage, place and start', () => {
  const pairs = flights((at) => at % 3 === 1 && at >= 60);
  const { sentence } = causeOf({
    feature: { field: TEMPERATURE, kind: 'numeric' },
    pairs,
    mismatches: pairs.mismatching.length,
  });
  assert.equal(
    sentence,
    'serving = (training - 32) x 5/9 (unit: degF sent as degC), 100% of 80 ids, only origin=JFK, since 2013-08-05 04:04',
  );
});

test('a sample is said to be one, and too few ids are said to be too few', () => {
  const pairs = flights((at) => at % 3 === 1);
  const feature = { field: TEMPERATURE, kind: 'numeric' } as const;
  assert.match(causeOf({ feature, pairs, mismatches: 9_000 }).sentence, /100% of 100 of 9000 ids/);
  const few = { ...pairs, mismatching: [{ id: 'a', training: 1, serving: 2 }] };
  assert.equal(causeOf({ feature, pairs: few, mismatches: 1 }).sentence, 'cause: insufficient, 1 of 20 ids');
});

test('values cross from JSON as what they are', () => {
  const category: Field = { ...TEMPERATURE, kind: 'categorical', avro: 'string' };
  const moment: Field = { ...TEMPERATURE, kind: 'timestamp', avro: 'timestamp-millis' };
  assert.equal(decodeValue(null, TEMPERATURE), null);
  assert.ok(Number.isNaN(decodeValue('nan', TEMPERATURE)));
  assert.equal(decodeValue('-inf', TEMPERATURE), Number.NEGATIVE_INFINITY);
  assert.equal(decodeValue('2013-08-05T04:00:00.000Z', moment), MIDNIGHT + 14_400_000);
  assert.equal(decodeValue('', category), '');
  assert.equal(decodeValue(true, category), 'true');
});
