import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRepair, REPAIRS, repairRows } from '../../../src/core/models/repair.ts';

const ROWS = {
  rows: 3,
  numeric: [{ name: 'temperature', values: Float64Array.of(0, 100, Number.NaN) }],
  categorical: [{ name: 'origin', values: ['EWR', 'JFK', 'EWR'] }],
  label: new Float64Array(0),
};

test('a repair changes the named rows only, and null stays null', () => {
  const repair = parseRepair('temperature=celsius_to_fahrenheit:origin=EWR');
  assert.deepEqual(repair, {
    feature: 'temperature',
    transform: 'celsius_to_fahrenheit',
    where: { field: 'origin', value: 'EWR' },
  });
  assert.ok(repair !== undefined);
  const mended = repairRows(ROWS, repair);
  assert.deepEqual([...(mended?.dataset.numeric[0]?.values ?? [])], [32, 100, Number.NaN]);
  assert.equal(mended?.changed, 1);
  const everywhere = repairRows(ROWS, { feature: 'temperature', transform: 'celsius_to_fahrenheit' });
  assert.equal(everywhere?.changed, 2);
});

test('what is no repair is not taken for one', () => {
  for (const text of [
    'temperature',
    'temperature=hotter',
    'temperature=negate:origin',
    '=negate',
    'a=constructor',
  ]) {
    assert.equal(parseRepair(text), undefined, text);
  }
  assert.equal(repairRows(ROWS, { feature: 'wind', transform: 'negate' }), undefined);
  const where = { field: 'carrier', value: 'UA' };
  assert.equal(repairRows(ROWS, { feature: 'temperature', transform: 'negate', where }), undefined);
});

test('units there and back are where they were', () => {
  for (const [there, back] of [
    ['celsius_to_fahrenheit', 'fahrenheit_to_celsius'],
    ['kilometres_to_miles', 'miles_to_kilometres'],
    ['metres_to_feet', 'feet_to_metres'],
    ['seconds_to_minutes', 'minutes_to_seconds'],
    ['thousand', 'thousandth'],
  ] as const) {
    for (const value of [-40, 0, 12.5, 900]) {
      assert.ok(Math.abs(REPAIRS[back](REPAIRS[there](value)) - value) < 1e-9, there);
    }
  }
});
