import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { exportSnapshot } from '../../../processors/train/export-snapshot.ts';
import { snapshotFields } from '../../../processors/train/snapshot-plan.ts';
import {
  followUpId,
  retrainRequestId,
  ruleRequestId,
} from '../../../src/core/incidents/retrain-request-id.ts';
import { eventId } from '../../../src/core/uuid.ts';
import { MANIFEST } from '../../../src/io/files/manifest.ts';
import { readSnapshot } from '../../../src/io/files/read-snapshot.ts';
import { commandTrainer } from '../../../src/io/trainers/command-trainer.ts';
import {
  askFor,
  type Loop,
  machineModel,
  machineTrainer,
  makeLoop,
  releasesOf,
  storeRows,
  trainPorts,
} from '../../fixtures/loop.ts';
import { machineContract, machineRows } from '../../fixtures/machines.ts';
import { stack, uniqueName } from '../../fixtures/stack.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const id = (name: string): string => eventId('test', name, process.pid);

test('a request becomes a version whose files say exactly what it was made of', async (t) => {
  const loop = await makeLoop(t, stack(), uniqueName('train'));
  const model = machineModel('machines');
  await storeRows(
    loop.clickhouse,
    model.contract,
    machineRows({ rows: 3000, fromMs: START, days: 28, seed: 1 }),
  );
  const trainer = await machineTrainer(t, loop, [model]);
  const incidentId = id('incident');
  await askFor(loop, {
    requestId: id('a'),
    model: 'machines',
    fromMs: START,
    untilMs: START + 28 * DAY,
    incidentId,
  });
  await trainer.idle();

  const [release, ...others] = await releasesOf(loop);
  assert.deepEqual(others, []);
  assert.ok(release !== undefined);
  assert.deepEqual(
    [release['model'], release['version'], release['status'], release['parent'], release['request_id']],
    ['machines', 'v1', 'accepted', null, id('a')],
  );
  assert.equal(release['ce_id'], release['release_id']);
  assert.equal(release['release_id'], eventId('release', id('a')));
  assert.deepEqual(release['reasons'], ['there is no champion to beat']);

  const folder = join(loop.names.directory, String(release['uri']));
  const manifest = MANIFEST.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
  assert.equal(manifest.sha256, release['sha256']);
  assert.deepEqual(manifest.snapshot.partitions, [0, 1, 2]);
  assert.deepEqual(manifest.snapshot.first_offsets, [0, 0, 0]);
  assert.deepEqual(manifest.snapshot.end_offsets, [1000, 1000, 1000]);
  assert.equal(manifest.snapshot.rows, 3000);
  assert.equal(manifest.training.rows + manifest.validation.rows, 3000);
  assert.equal(manifest.validation.rows, release['validation_rows']);
  assert.ok(Date.parse(manifest.validation.from) > START + 20 * DAY);
  assert.ok(manifest.validation.log_loss < 0.6, `log-loss ${manifest.validation.log_loss}`);
  assert.deepEqual(manifest.lineage, {
    request_id: id('a'),
    incident_id: incidentId,
    cause: 'a test wants it',
    parent: null,
  });

  const [row] = await versionRows(loop, 'machines');
  assert.equal(row?.sha256, release['sha256']);
  assert.equal(row?.baseline_log_loss, manifest.validation.log_loss);
  assert.equal(row?.baseline_log_loss_sd, manifest.validation.log_loss_sd);
  assert.deepEqual(row?.end_offsets, [1000, 1000, 1000]);

  const request = { model: 'machines', request_id: id('a'), incident_id: incidentId, cause: 'heat turned' };
  const [requested, end] = [START, START + 28 * DAY].map((ms) => new Date(ms).toISOString());
  await loop.clickhouse.insert('retrain_requests', [
    { ...request, requested, train_from: requested, train_until: end },
  ]);
  const [lineage] = await loop.clickhouse.rows(
    'model-lineage',
    { model: 'machines', version: 'v1' },
    LINEAGE,
  );
  assert.deepEqual(lineage, {
    incident_id: incidentId,
    request_id: id('a'),
    cause: 'heat turned',
    snapshot_sha256: manifest.snapshot.sha256,
    sha256: manifest.sha256,
    release_topic: loop.names.releases,
    release_offset: 0,
    receipt: '',
  });
});

const LINEAGE = z.object({
  incident_id: z.string().nullable(),
  request_id: z.string(),
  cause: z.string(),
  snapshot_sha256: z.string(),
  sha256: z.string(),
  release_topic: z.string(),
  release_offset: z.coerce.number(),
  receipt: z.string(),
});

test('rebuilding a snapshot from its plan gives the same bytes, whatever has been stored since', async (t) => {
  const loop = await makeLoop(t, stack(), uniqueName('train'));
  const model = machineModel('machines');
  const rows = machineRows({ rows: 900, fromMs: START, days: 28, seed: 1 });
  await storeRows(loop.clickhouse, model.contract, rows);
  const trainer = await machineTrainer(t, loop, [model]);
  await askFor(loop, { requestId: id('b'), model: 'machines', fromMs: START, untilMs: START + 28 * DAY });
  await trainer.idle();
  const [row] = await versionRows(loop, 'machines');
  // The same rows once more, as after an unclear insert, and later ones.
  await storeRows(loop.clickhouse, model.contract, rows);
  await storeRows(
    loop.clickhouse,
    model.contract,
    machineRows({ rows: 300, fromMs: START, days: 28, seed: 2 }),
    300,
  );
  const fields = snapshotFields(model.contract);
  assert.equal(fields.status, 'ok');
  if (fields.status !== 'ok') return;
  const plan = {
    requestId: id('b'),
    model: 'machines',
    version: 'v1',
    topic: model.contract.topic,
    fromMs: START,
    untilMs: START + 28 * DAY,
    partitions: [0, 1, 2],
    firstOffsets: [0, 0, 0],
    endOffsets: [300, 300, 300],
    rows: 900,
    schemaIds: [1],
  };
  const again = await exportSnapshot({ ports: trainPorts(loop), model, plan, fields });
  assert.equal(again.sha256, row?.snapshot_sha256);
});

test('rows that ingest has not accounted for yet are not part of a snapshot', async (t) => {
  const loop = await makeLoop(t, stack(), uniqueName('train'));
  const model = machineModel('machines');
  await storeRows(
    loop.clickhouse,
    model.contract,
    machineRows({ rows: 1500, fromMs: START, days: 28, seed: 1 }),
  );
  const floors = [500, 450, 400].map((floor, partition) => ({
    topic: model.contract.topic,
    partition,
    version: 1,
    epoch: 1,
    owner: 'test',
    floor,
    consumed: floor,
    max_event_time: new Date(START).toISOString(),
  }));
  await loop.clickhouse.insert('ledger', floors);
  const trainer = await machineTrainer(t, loop, [model]);
  await askFor(loop, { requestId: id('c'), model: 'machines', fromMs: START, untilMs: START + 28 * DAY });
  await trainer.idle();
  const [row] = await versionRows(loop, 'machines');
  assert.deepEqual(row?.end_offsets, [500, 450, 400]);
  assert.equal(row?.snapshot_rows, 1350);
});

test('a challenger replaces the champion only when it is better on the newest days', async (t) => {
  const loop = await makeLoop(t, stack(), uniqueName('train'));
  const model = machineModel('machines');
  await storeRows(
    loop.clickhouse,
    model.contract,
    machineRows({ rows: 3000, fromMs: START, days: 28, seed: 1 }),
  );
  const trainer = await machineTrainer(t, loop, [model]);
  const ask = async (name: string, fromDay: number, untilDay: number): Promise<void> => {
    await askFor(loop, {
      requestId: id(name),
      model: 'machines',
      fromMs: START + fromDay * DAY,
      untilMs: START + untilDay * DAY,
    });
    await trainer.idle();
  };
  await ask('d1', 0, 28);
  await ask('d2', 0, 28);
  const turned = machineRows({ rows: 3000, fromMs: START + 28 * DAY, days: 28, seed: 3, world: 2 });
  await storeRows(loop.clickhouse, model.contract, turned, 1000);
  await ask('d3', 28, 56);
  await ask('d1', 0, 28);

  const releases = await releasesOf(loop);
  assert.deepEqual(
    releases.map((release) => [release['version'], release['status'], release['parent']]),
    [
      ['v1', 'accepted', null],
      ['v2', 'rejected', 'v1'],
      ['v3', 'accepted', 'v1'],
    ],
  );
  const [, same, better] = releases;
  assert.match(String(same?.['reasons']), /^log-loss .* of v1 on .* rows of the newest 7 days: /);
  assert.equal(same?.['log_loss_before'], same?.['log_loss_after']);
  assert.ok(Number(better?.['log_loss_before']) > 1, 'the old model is wrong in the turned world');
  assert.ok(Number(better?.['log_loss_after']) < 0.6);
});

test('impossible requests are rejected with their reasons, and the trainer goes on', async (t) => {
  const loop = await makeLoop(t, stack(), uniqueName('train'));
  const rows = machineRows({ rows: 1200, fromMs: START, days: 28, seed: 1 });
  const contractOf = (model: string) => machineContract(model, 'training');
  await storeRows(loop.clickhouse, contractOf('few'), rows.slice(0, 30));
  await storeRows(
    loop.clickhouse,
    contractOf('one_class'),
    rows.map((row) => ({ ...row, failed: 0 })),
  );
  await storeRows(
    loop.clickhouse,
    contractOf('null_feature'),
    rows.map((row) => ({ ...row, color: null })),
  );
  await storeRows(loop.clickhouse, contractOf('changed'), rows);
  await storeRows(
    loop.clickhouse,
    contractOf('strange'),
    rows.map((row) => ({ ...row, failed: 3 })),
  );
  await storeRows(
    loop.clickhouse,
    contractOf('short'),
    rows.map((row) => ({ ...row, eventTimeMs: START })),
  );
  await storeRows(loop.clickhouse, contractOf('good'), rows);
  const names = ['few', 'one_class', 'null_feature', 'changed', 'strange', 'short', 'good'];
  const trainer = await machineTrainer(
    t,
    loop,
    names.map((name) => machineModel(name)),
    {
      currentContract: async (contract) =>
        contract.model === 'changed'
          ? {
              ...contract,
              fields: contract.fields.map((field) =>
                field.name === 'color' ? { ...field, kind: 'numeric', avro: 'double' } : field,
              ),
            }
          : contract,
    },
  );
  const window = { fromMs: START, untilMs: START + 28 * DAY };
  await askFor(loop, ...names.map((model) => ({ requestId: id(model), model, ...window })));
  await askFor(loop, {
    requestId: id('empty'),
    model: 'good',
    fromMs: START - 9 * DAY,
    untilMs: START - 8 * DAY,
  });
  const incidentId = id('few incident');
  const first = {
    incident: retrainRequestId(incidentId),
    rule: ruleRequestId({ model: 'few', version: 'v1', window: 'labels/0' }),
    unknown: retrainRequestId(id('good incident')),
  };
  for (const requestId of [first.incident, followUpId(first.incident)])
    await askFor(loop, { requestId, model: 'few', incidentId, ...window });
  for (const requestId of [first.rule, followUpId(first.rule)])
    await askFor(loop, { requestId, model: 'few', ...window });
  await askFor(loop, { requestId: followUpId(first.unknown), model: 'good', ...window });
  await askFor(loop, { requestId: id('nobody'), model: 'nobody', ...window });
  await askFor(loop, { requestId: 'no uuid', model: 'good', ...window });
  await askFor(loop, { requestId: id('far'), model: 'good', fromMs: Date.UTC(2500, 0), untilMs: START });
  await trainer.idle();

  const reasons = new Map(
    (await releasesOf(loop)).map((release) => [
      release['request_id'],
      [release['status'], String(release['reasons'])],
    ]),
  );
  const reasonOf = (name: string): unknown[] => reasons.get(id(name)) ?? [];
  assert.deepEqual(reasonOf('one_class'), [
    'rejected',
    'the training rows have one class only: all 900 labels are 0,the validation rows have one class only: all 300 labels are 0',
  ]);
  assert.match(String(reasonOf('few')), /^rejected,too few labelled rows for training: \d+ of 200 needed/);
  assert.deepEqual(reasonOf('null_feature'), [
    'rejected',
    'the feature color is null in all 900 training rows',
  ]);
  assert.match(
    String(reasonOf('changed')),
    /the contract changed: color was a categorical feature and is a numeric feature now/,
  );
  assert.match(String(reasonOf('strange')), /900 of 900 training rows have a label that is neither 0 nor 1/);
  assert.match(String(reasonOf('short')), /too few labelled rows for training: 0 of 200 needed/);
  assert.match(
    String(reasonOf('empty')),
    /there is no labelled row of training.good with an event time from 2023-12-23/,
  );
  assert.equal(reasonOf('good')[0], 'accepted');
  assert.match(String(reasonOf('far')), /^rejected,the request cannot be used: .*train_from/);
  const followed = (requestId: string): string => String(reasons.get(followUpId(requestId)));
  assert.match(followed(first.incident), /^rejected,the retraining that it follows up was rejected \(v2\)/);
  assert.match(followed(first.rule), /^rejected,the retraining that it follows up was rejected \(v4\)/);
  assert.doesNotMatch(followed(first.unknown), /follows up/, 'nothing is known against it');
  assert.equal(reasons.size, 14, 'a foreign model and a broken id get no release');
  const impossible = (await releasesOf(loop)).find((release) => release['request_id'] === id('few'));
  assert.deepEqual(
    [impossible?.['sha256'], impossible?.['uri'], impossible?.['log_loss_after']],
    ['', '', null],
  );
});

test('training data that the gate refuses are a rejected version with its checks; what is only odd is in the manifest', async (t) => {
  const loop = await makeLoop(t, stack(), uniqueName('train'));
  const model = machineModel('gated');
  const rows = machineRows({ rows: 1500, fromMs: START, days: 28, seed: 1 });
  const hotter = machineRows({ rows: 1500, fromMs: START + 28 * DAY, days: 28, seed: 2 }).map((row) => ({
    ...row,
    heat: row.heat === null ? null : row.heat + 3,
  }));
  const mauve = machineRows({ rows: 1500, fromMs: START + 56 * DAY, days: 28, seed: 3 }).map((row) => ({
    ...row,
    color: row.color === 'red' ? 'red' : 'mauve',
  }));
  await storeRows(loop.clickhouse, model.contract, [...rows, ...hotter, ...mauve]);
  const trainer = await machineTrainer(t, loop, [model]);
  for (const [name, from] of [
    ['gate 1', 0],
    ['gate 2', 28],
    ['gate 3', 56],
  ] as const) {
    const fromMs = START + from * DAY;
    await askFor(loop, { requestId: id(name), model: 'gated', fromMs, untilMs: fromMs + 28 * DAY });
  }
  await trainer.idle();
  const [first, second, third] = await releasesOf(loop);
  const checksOf = async (release: typeof first) => {
    const path = join(loop.names.directory, String(release?.['uri']), 'manifest.json');
    return MANIFEST.parse(JSON.parse(await readFile(path, 'utf8'))).data_checks;
  };
  const alone = await checksOf(first);
  assert.deepEqual(
    [alone?.compared_with, alone?.not_compared, alone?.warnings],
    [null, 'there is no champion', []],
  );
  const odd = await checksOf(second);
  assert.deepEqual(
    [odd?.compared_with, odd?.reasons, odd?.warnings.map(({ check, feature }) => [check, feature])],
    ['v1', [], [['distribution', 'heat']]],
  );
  assert.equal(third?.['status'], 'rejected');
  assert.match(
    String(third?.['reasons']),
    /^category-range: color: 6\d% of \d+ rows hold 1 categories never/,
  );
  const stored = (await versionRows(loop, 'gated')).find(({ version }) => version === third?.['version']);
  assert.deepEqual(
    DATA_CHECKS.parse(JSON.parse(stored?.metrics ?? '')).data_checks.reasons,
    third?.['reasons'],
  );
});

test('any command can be the trainer, and what it leaves is measured like everything else', async (t) => {
  const loop = await makeLoop(t, stack(), uniqueName('train'));
  const models = ['train', 'bad_metrics', 'bad_model'].map((name) => machineModel(name));
  for (const { contract } of models) {
    await storeRows(loop.clickhouse, contract, machineRows({ rows: 1500, fromMs: START, days: 28, seed: 1 }));
  }
  const program = fileURLToPath(new URL('../../fixtures/external-trainer.ts', import.meta.url));
  const trainer = await machineTrainer(t, loop, models, {
    trainer: {
      name: 'by-model',
      train: (args) =>
        commandTrainer({
          command: [process.execPath, program, args.job.model.replace('_', '-')],
          timeLimitMs: 60_000,
          environment: process.env,
        }).train(args),
    },
  });
  for (const { contract } of models) {
    await askFor(loop, {
      requestId: id(contract.model),
      model: contract.model,
      fromMs: START,
      untilMs: START + 28 * DAY,
    });
  }
  await trainer.idle();
  const releases = await releasesOf(loop);
  assert.deepEqual(
    releases.map((release) => [release['model'], release['status']]),
    [
      ['train', 'accepted'],
      ['bad_metrics', 'rejected'],
      ['bad_model', 'rejected'],
    ],
  );
  const [trained, badMetrics, badModel] = releases;
  assert.ok(Number(trained?.['log_loss_after']) < 0.6);
  assert.match(String(badMetrics?.['reasons']), /metrics.json does not say what it must/);
  assert.match(String(badModel?.['reasons']), /the trained model was refused: The model file was rejected/);
});

test('a training that breaks again and again ends as a rejection, and one that breaks once does not', async (t) => {
  const loop = await makeLoop(t, stack(), uniqueName('train'));
  const models = ['always', 'once'].map((name) => machineModel(name));
  for (const { contract } of models) {
    await storeRows(loop.clickhouse, contract, machineRows({ rows: 900, fromMs: START, days: 28, seed: 1 }));
  }
  const broken = new Map([
    ['always', 99],
    ['once', 1],
  ]);
  const trainer = await machineTrainer(t, loop, models, {
    readSnapshot: async (path, fields) => {
      const model = path.includes('/once/') ? 'once' : 'always';
      const left = broken.get(model) ?? 0;
      broken.set(model, left - 1);
      if (left > 0) throw new Error('the file fell down');
      return readSnapshot(path, fields);
    },
  });
  const window = { fromMs: START, untilMs: START + 28 * DAY };
  await askFor(
    loop,
    ...['always', 'once'].map((model) => ({ requestId: id(`broken ${model}`), model, ...window })),
  );
  await trainer.idle();
  assert.deepEqual(
    (await releasesOf(loop)).map((release) => [
      release['model'],
      release['status'],
      String(release['reasons']),
    ]),
    [
      ['always', 'rejected', 'the training failed: the file fell down'],
      ['once', 'accepted', 'there is no champion to beat'],
    ],
  );
  assert.equal(broken.get('always'), 96, 'three attempts');
});

const ROW = z.object({
  version: z.string(),
  sha256: z.string(),
  snapshot_sha256: z.string(),
  snapshot_rows: z.coerce.number(),
  end_offsets: z.array(z.coerce.number()),
  baseline_log_loss: z.number().nullable(),
  baseline_log_loss_sd: z.number().nullable(),
  metrics: z.string(),
});
const DATA_CHECKS = z.object({ data_checks: z.object({ reasons: z.array(z.string()) }) });

async function versionRows(loop: Loop, model: string): Promise<z.infer<typeof ROW>[]> {
  return loop.clickhouse.rows('model-version-details', { model }, ROW);
}
