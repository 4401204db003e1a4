import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sha256Of, writeDurably } from '../../../src/io/files/durable.ts';
import type { Manifest } from '../../../src/io/files/manifest.ts';
import { openModelStore } from '../../../src/io/files/model-store.ts';

test('a version is read back only with the hash its release names', async (t) => {
  const { store, directory } = open(t);
  const onnx = Buffer.from('model');
  const { uri } = await store.putVersion({
    model: 'machines',
    version: 'v1',
    onnx,
    manifest: manifest(onnx),
  });
  assert.equal(uri, 'models/machines/v1');
  const read = await store.readVersion({ uri, sha256: sha256Of(onnx) });
  assert.deepEqual(read, {
    status: 'ok',
    path: join(directory, uri, 'model.onnx'),
    manifest: manifest(onnx),
  });
  const other = await store.readVersion({ uri, sha256: sha256Of('other') });
  assert.match(other.status === 'bad' ? other.why : '', /has sha256 .*, the release says /);
});

test('storing a version again replaces it as a whole, and what a dead process left is gone', async (t) => {
  const { store, directory } = open(t);
  await mkdir(join(directory, 'models/machines/v1.999.unfinished'), { recursive: true });
  await mkdir(join(directory, 'models/machines/v10.999.unfinished'), { recursive: true });
  for (const text of ['first', 'second']) {
    const onnx = Buffer.from(text);
    await store.putVersion({ model: 'machines', version: 'v1', onnx, manifest: manifest(onnx) });
  }
  assert.equal(await readFile(join(directory, 'models/machines/v1/model.onnx'), 'utf8'), 'second');
  assert.deepEqual(await readdir(join(directory, 'models/machines')), ['v1', 'v10.999.unfinished']);
});

test('a place outside the store, a missing file and a foreign manifest are bad, not thrown', async (t) => {
  const { store, directory } = open(t);
  const onnx = Buffer.from('model');
  const sha256 = sha256Of(onnx);
  const whyOf = async (uri: string): Promise<string> => {
    const read = await store.readVersion({ uri, sha256 });
    return read.status === 'bad' ? read.why : 'ok';
  };
  for (const uri of ['..', '../x', '/../x', 'models/../../x', '.', '']) {
    assert.equal(await whyOf(uri), `${uri} is not a place inside the model store`);
  }
  assert.equal(await whyOf('models/machines/v7'), 'models/machines/v7/model.onnx is not there');
  await writeDurably(join(directory, 'models/machines/v1/model.onnx'), onnx);
  assert.match(await whyOf('models/machines/v1'), /manifest.json cannot be read/);
  await writeFile(join(directory, 'models/machines/v1/manifest.json'), '{"format": 2}');
  assert.match(await whyOf('models/machines/v1'), /is not a manifest of format 1/);
  const other = JSON.stringify(manifest(Buffer.from('other')));
  await writeFile(join(directory, 'models/machines/v1/manifest.json'), other);
  assert.match(await whyOf('models/machines/v1'), /is about another model.onnx/);
});

test('a snapshot is stored under its hash and repaired when its file has been damaged', async (t) => {
  const { store } = open(t);
  const body = Buffer.from('rows');
  const first = await store.putSnapshot('machines', body);
  assert.equal(first.uri, `snapshots/machines/${sha256Of(body)}.parquet`);
  await writeFile(first.path, 'damaged');
  assert.deepEqual(await store.putSnapshot('machines', body), first);
  assert.equal(await readFile(first.path, 'utf8'), 'rows');
});

test('names that would leave the store are refused as a bug', async (t) => {
  const { store } = open(t);
  for (const model of ['../up', '.hidden', 'a/b', '']) {
    await assert.rejects(store.putSnapshot(model, Buffer.from('x')), { code: 'INVARIANT_BROKEN' });
  }
});

test('a store that cannot be written says so, and what to do', async (t) => {
  const { store, directory } = open(t);
  await symlink('/dev/null', join(directory, 'snapshots'));
  await assert.rejects(store.putSnapshot('machines', Buffer.from('x')), {
    code: 'STORE_UNWRITABLE',
    next: 'Check the directory of the store; the training starts over by itself.',
  });
});

function open(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'driftwatch-store-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return { directory, store: openModelStore({ directory }) };
}

function manifest(onnx: Buffer): Manifest {
  return {
    format: 1,
    model: 'machines',
    version: 'v1',
    status: 'accepted',
    reasons: [],
    created: '',
    sha256: sha256Of(onnx),
    bytes: onnx.length,
    inputs: [],
    snapshot: {
      uri: '',
      sha256: '',
      rows: 0,
      query: '',
      table: '',
      columns: [],
      topic: '',
      partitions: [],
      first_offsets: [],
      end_offsets: [],
      from: '',
      until: '',
      schema_ids: [],
    },
    training: { trainer: '', seed: 0, config: {}, rows: 0, positives: 0, purged: 0, until: '', metrics: {} },
    validation: { from: '', rows: 0, positives: 0, log_loss: 0, log_loss_sd: 0, roc_auc: null },
    comparison: null,
    lineage: { request_id: '', incident_id: null, cause: '', parent: null },
    golden: { tolerance: 0, rows: [] },
    code_version: '',
  };
}

test('with a public key only versions that its owner has signed, and nobody has changed, are read', async (t) => {
  const { directory } = open(t);
  const [owner, other] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const signing = openModelStore({ directory, signingKey: owner.privateKey });
  const onnx = Buffer.from('model');
  const sha256 = sha256Of(onnx);
  const put = { model: 'machines', onnx, manifest: manifest(onnx) };
  const { uri } = await signing.putVersion({ ...put, version: 'v1' });
  const unsigned = await openModelStore({ directory }).putVersion({ ...put, version: 'v2' });
  const whyOf = async (of: string, verifyingKey: KeyObject): Promise<string> => {
    const read = await openModelStore({ directory, verifyingKey }).readVersion({ uri: of, sha256 });
    return read.status === 'bad' ? read.why : 'ok';
  };
  assert.equal(await whyOf(uri, owner.publicKey), 'ok');
  assert.match(await whyOf(uri, other.publicKey), /a signature that is not that of the key given here/);
  assert.match(await whyOf(unsigned.uri, owner.publicKey), /is not signed/);
  const path = join(directory, uri, 'manifest.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('"accepted"', '"rejected"'));
  assert.match(await whyOf(uri, owner.publicKey), /a signature that is not that of the key given here/);
  await writeFile(join(directory, uri, 'manifest.sig'), 'nonsense');
  assert.match(await whyOf(uri, owner.publicKey), /a signature that is not that of the key given here/);
});
