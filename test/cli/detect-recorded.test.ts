import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildApplication, buildRouteMap, run } from '@stricli/core';
import { command as detect } from '../../src/cli/detect.ts';

/**
 * Median delays of ADWIN on the same streams and seeds, from `driftwatch detect errors FILE --detector
 * adwin`, whose alarms are River's one by one (see test/core/detectors/golden.test.ts).
 */
const ADWIN: Readonly<Record<string, number>> = {
  'sea_abrupt_8->9.5': 399,
  'sea_small_8->9': 751,
  'agrawal_abrupt_F1->F3': 47,
  'agrawal_gradual_F1->F3,20k': 2_031,
  stagger_abrupt: 47,
  hyperplane_gradual_40k: 14_671,
  'bern_.2->.25': 1_327,
  'bern_.2->.3': 367,
  'bern_.2->.1': 431,
};
const LARGE = ['agrawal_abrupt_F1->F3', 'stagger_abrupt'];

test('on the recorded error streams the default is no later than ADWIN, with few false alarms and nothing missed', async () => {
  const file = fileURLToPath(new URL('../golden/detectors/error-streams.ndjson.gz', import.meta.url));
  const out: string[] = [];
  const sink = { write: (text: string) => out.push(text) > 0 };
  const routes = buildRouteMap({ routes: { detect }, docs: { brief: 'under test' } });
  await run(buildApplication(routes, { name: 'driftwatch' }), ['detect', 'errors', file, '--json'], {
    process: { stdout: sink, stderr: sink },
  });
  const lines = out.join('').trim().split('\n');
  assert.equal(lines.length, 11 * 15 + 1);
  const [card] = JSON.parse(lines.at(-1) ?? '').card;
  assert.equal(card.falseAlarms.rate.n, 6_750_000);
  assert.ok(card.falseAlarms.rate.value <= 0.1);
  let compared = 0;
  for (const { stream, drift } of card.streams) {
    if (drift === null) continue;
    assert.equal(drift.missed.value, 0, stream);
    assert.ok(drift.medianDelay.value <= (ADWIN[stream] ?? 0), `${stream}: ${drift.medianDelay.value}`);
    if (LARGE.includes(stream)) assert.ok(drift.medianDelay.value <= 20, stream);
    compared += 1;
  }
  assert.equal(compared, 9);
});
