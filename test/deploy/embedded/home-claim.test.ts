import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireSpace } from '../../../deploy/embedded/disk-space.ts';
import { claimHome } from '../../../deploy/embedded/home-claim.ts';
import { identify } from '../../../deploy/embedded/process-identity.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import { temporaryHome } from '../../fixtures/own-stack.ts';
import { until } from '../../fixtures/until.ts';

const refused = (code: string, text: RegExp) => (error: unknown) =>
  error instanceof DriftwatchError && error.code === code && text.test(`${error.message} ${error.next}`);

test('a home that is claimed by a running process is refused with its number', async (t) => {
  const home = temporaryHome(t);
  const claim = await claimHome(home);
  await assert.rejects(
    claimHome(home),
    refused('DIRECTORY_LOCKED', new RegExp(`process ${process.pid}\\b.*--home`)),
  );
  claim.release();
  (await claimHome(home)).release();
  assert.deepEqual(readdirSync(home), []);
});

test('a claim of a dead launcher is taken over, even when its number belongs to another process now', async (t) => {
  const home = temporaryHome(t);
  const launcher = { name: 'launcher', pid: process.pid, identity: 'another boot:1' };
  writeFileSync(join(home, 'stack.json'), JSON.stringify({ launcher, children: [] }));
  (await claimHome(home)).release();
});

test('a claim cut off by a crash is taken over', async (t) => {
  const home = temporaryHome(t);
  writeFileSync(join(home, 'stack.json'), '{"launcher":{"pi');
  (await claimHome(home)).release();
});

test('a claim is taken over only after the programs of the dead launcher have ended', async (t) => {
  const home = temporaryHome(t);
  const left = spawn('sleep', ['600']);
  t.after(() => left.kill('SIGKILL'));
  await until('the left program runs', () => left.pid !== undefined && identify(left.pid) !== undefined);
  const pid = left.pid ?? 0;
  const children = [{ name: 'Kafka', pid, identity: identify(pid) ?? '' }];
  const launcher = { name: 'launcher', pid: process.pid, identity: 'another boot:1' };
  writeFileSync(join(home, 'stack.json'), JSON.stringify({ launcher, children }));
  let taken = false;
  const claiming = claimHome(home).then((claim) => {
    taken = true;
    return claim;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(taken, false);
  left.kill('SIGTERM');
  (await claiming).release();
  assert.equal(identify(pid), undefined);
});

test('of two launchers that find a dead claim at the same moment exactly one gets the home', async (t) => {
  for (let round = 0; round < 20; round += 1) {
    const home = temporaryHome(t);
    const launcher = { name: 'launcher', pid: process.pid, identity: 'another boot:1' };
    writeFileSync(join(home, 'stack.json'), JSON.stringify({ launcher, children: [] }));
    const outcomes = await Promise.allSettled([claimHome(home), claimHome(home)]);
    assert.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 1);
    assert.ok(existsSync(join(home, 'stack.json')));
  }
});

test('too little free space is refused before anything starts, with both figures', (t) => {
  const home = temporaryHome(t);
  requireSpace(home, 1);
  assert.throws(
    () => requireSpace(home, 2 ** 60),
    refused('DISK_FULL', /GiB are free.*1073741824\.0 GiB.*--home/),
  );
});
