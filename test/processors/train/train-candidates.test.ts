import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRequest } from '../../../processors/train/read-request.ts';
import { eventId } from '../../../src/core/uuid.ts';
import { MANIFEST } from '../../../src/io/files/manifest.ts';
import { machineModel, makeLoop, storeRows, trainNow } from '../../fixtures/loop.ts';
import { machineRows } from '../../fixtures/machines.ts';
import { stack, uniqueName } from '../../fixtures/stack.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const ONSET = START + 28 * DAY;

test('after a change a version trained since its onset is tried as well, and the better one is kept', async (t) => {
  const loop = await makeLoop(t, stack(), uniqueName('onset'));
  const model = machineModel('machines');
  const past = machineRows({ rows: 3_000, fromMs: START, days: 28, seed: 1 });
  const turned = machineRows({ rows: 1_500, fromMs: ONSET, days: 14, seed: 2, world: 2 });
  await storeRows(loop.clickhouse, model.contract, past);
  await storeRows(loop.clickhouse, model.contract, turned, 2_000);
  const manifestFor = async (name: string, onsetMs?: number) => {
    const { uri, status } = await trainNow(loop, model, {
      requestId: eventId('test', name, loop.names.database),
      fromMs: START,
      untilMs: ONSET + 14 * DAY,
      ...(onsetMs === undefined ? {} : { onsetMs }),
    });
    assert.notEqual(uri, '', status);
    const text = await readFile(join(loop.names.directory, uri, 'manifest.json'), 'utf8');
    return MANIFEST.parse(JSON.parse(text));
  };
  const whole = await manifestFor('whole');
  const since = await manifestFor('since', ONSET);
  assert.deepEqual([whole.training.rows, since.training.rows], [3_750, 750]);
  assert.ok(since.validation.log_loss < whole.validation.log_loss - 0.1);
  assert.equal(since.status, 'accepted');
  const wrong = await manifestFor('wrong', START + 14 * DAY);
  assert.ok(
    wrong.validation.log_loss <= whole.validation.log_loss,
    'a wrong onset costs a training, no more',
  );
  const short = await manifestFor('short', ONSET + 6 * DAY);
  assert.equal(short.training.rows, 3_750, 'too few rows since the onset');
});

test('a request of before onsets were known is read as one without', () => {
  const record = {
    request_id: eventId('test', 'old'),
    model: 'machines',
    incident_id: null,
    cause: 'x',
    requested: 3,
    train_from: 1,
    train_until: 2,
  };
  const read = readRequest(record);
  assert.ok(read.status === 'ok' && !('onsetMs' in read.request));
  const known = readRequest({ ...record, onset: 1 });
  assert.ok(known.status === 'ok' && known.request.onsetMs === 1);
});
