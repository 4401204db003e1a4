import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digamma, inverseTrigamma, trigamma } from '../../../src/core/special/polygamma.ts';

const EULER = 0.577_215_664_901_532_9;

test('digamma and trigamma at the points where they are known', () => {
  near(digamma(1), -EULER);
  near(digamma(0.5), -EULER - 2 * Math.LN2);
  near(digamma(10), -EULER + 2.828_968_253_968_254);
  near(trigamma(1), Math.PI ** 2 / 6);
  near(trigamma(0.5), Math.PI ** 2 / 2);
  near(trigamma(3), Math.PI ** 2 / 6 - 1.25);
});

test('inverseTrigamma undoes trigamma', () => {
  for (const x of [1e-3, 0.1, 0.7, 1, 3.3, 25, 900, 1e5]) near(inverseTrigamma(trigamma(x)) / x, 1, 1e-6);
});

function near(actual: number, expected: number, tolerance = 1e-11): void {
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.abs(expected), `${actual} against ${expected}`);
}
