import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { parseConfig, parseTuning } from '../src/config.ts';
import { DriftwatchError } from '../src/errors.ts';

const EXAMPLE = new URL('../deploy/driftwatch.example.yaml', import.meta.url);

test('the example configuration says the defaults', () => {
  const example = parseConfig(parse(readFileSync(EXAMPLE, 'utf8')), 'the example');
  const { my_model: model, ...others } = example.models;
  assert.deepEqual(others, {});
  const defaults = parseConfig({ models: { my_model: { segments: model?.segments } } }, 'nothing');
  // The disorder of training records is the one setting that the example shows with another value.
  const asDefault = { ...model, disorder: defaults.models['my_model']?.disorder };
  assert.deepEqual({ ...example, models: { my_model: asDefault } }, defaults);
});

test('a space that cannot be searched is refused by name', () => {
  const refused = (space: object, words: RegExp) =>
    assert.throws(
      () => parseTuning({ space }, 'tuning.yaml'),
      (error) => error instanceof DriftwatchError && words.test(error.message),
    );
  refused({ l2: { from: 0, to: 1, scale: 'log' } }, /a log scale needs `from` above 0/);
  refused({ l2: { from: 2, to: 1 } }, /expected `from` below `to`/);
  refused({ l2: [] }, /l2/);
});
