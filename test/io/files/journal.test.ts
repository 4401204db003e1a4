import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DriftwatchError } from '../../../src/errors.ts';
import { openJournal } from '../../../src/io/files/journal.ts';

test('a journal gives back what was written, without a line that its process died in', async (t) => {
  const path = place(t);
  const first = await openJournal({ path, header: { about: 'a' } });
  assert.deepEqual(first.entries, []);
  await Promise.all([first.append({ n: 1 }), first.append({ n: 2 })]);
  await first.close();
  appendFileSync(path, '{"n":3,"text":"ü');
  const second = await openJournal({ path, header: { about: 'a' } });
  assert.deepEqual(second.entries, [{ n: 1 }, { n: 2 }]);
  await second.append({ n: 4 });
  await second.close();
  assert.equal(readFileSync(path, 'utf8'), '{"about":"a"}\n{"n":1}\n{"n":2}\n{"n":4}\n');
});

test('a journal of something else, or damaged inside, is refused in a sentence', async (t) => {
  const path = place(t);
  writeFileSync(path, '{"about":"b"}\n{"n":1}\n');
  await assert.rejects(openJournal({ path, header: { about: 'a' } }), isInvalid);
  writeFileSync(path, '{"about":"a"}\n{"n":\n{"n":2}\n');
  await assert.rejects(openJournal({ path, header: { about: 'a' } }), isInvalid);
});

test('a process that died before its header was whole begins again', async (t) => {
  const path = place(t);
  writeFileSync(path, '{"abo');
  const journal = await openJournal({ path, header: { about: 'a' } });
  await journal.append({ n: 1 });
  await journal.close();
  assert.equal(readFileSync(path, 'utf8'), '{"about":"a"}\n{"n":1}\n');
});

function isInvalid(error: unknown): boolean {
  return error instanceof DriftwatchError && error.code === 'FILE_INVALID';
}

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'driftwatch-journal-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return join(directory, 'journal.ndjson');
}
