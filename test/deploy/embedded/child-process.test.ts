import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ChildProcess, lastLines, startChild } from '../../../deploy/embedded/child-process.ts';
import { identify, isRunning } from '../../../deploy/embedded/process-identity.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import { temporaryHome } from '../../fixtures/own-stack.ts';
import { until } from '../../fixtures/until.ts';

async function shell(t: TestContext, script: string, graceMs = 5000): Promise<ChildProcess> {
  const home = temporaryHome(t);
  const child = await startChild({
    name: 'the program',
    command: 'sh',
    args: ['-c', script],
    env: { GREETING: 'hello' },
    cwd: home,
    logFile: join(home, 'program.log'),
    graceMs,
  });
  t.after(() => child.kill());
  return child;
}

const logHolds = (child: ChildProcess, text: string) => () =>
  readFileSync(child.logFile, 'utf8').includes(text);

test('a program runs in its directory with its environment, and its output is in its log', async (t) => {
  const child = await shell(t, 'echo "$GREETING"; pwd; echo trouble >&2; exit 3');
  assert.equal(await child.exited, 'ended with exit status 3');
  assert.equal(child.ended(), 'ended with exit status 3');
  const [greeting, directory, trouble] = lastLines(child.logFile);
  assert.equal(greeting, 'hello');
  assert.equal(directory, join(child.logFile, '..'));
  assert.equal(trouble, 'trouble');
});

test('the tail of a log leaves out the frames of stack traces', async (t) => {
  const child = await shell(
    t,
    "printf 'reason\\n\\tat kafka.Kafka.main(Kafka.scala)\\n    at file.ts:1:2\\n\\t... 7 more\\nend\\n'",
  );
  await child.exited;
  assert.deepEqual(lastLines(child.logFile), ['reason', 'end']);
});

test('stopping sends SIGTERM and waits until the program has ended', async (t) => {
  const child = await shell(t, 'trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done');
  await until('the program is up', logHolds(child, 'up'));
  await child.stop();
  assert.equal(isRunning(child.record), false);
  assert.deepEqual(lastLines(child.logFile), ['up', 'bye']);
});

test('a program that ignores SIGTERM is killed after its grace period', async (t) => {
  const child = await shell(t, 'trap "echo no" TERM; echo up; while :; do sleep 0.05; done', 300);
  await until('the program is up', logHolds(child, 'up'));
  await child.stop();
  assert.equal(await child.exited, 'was ended by SIGKILL');
  assert.ok(logHolds(child, 'no')(), 'it was asked first');
});

test('a program does not outlive a supervisor that is killed', async (t) => {
  const child = await shell(t, 'echo $PPID; exec sleep 600');
  await until('the program told its parent', () => lastLines(child.logFile).length > 0);
  process.kill(Number(lastLines(child.logFile)[0]), 'SIGKILL');
  await child.exited;
  await until('the program is gone', () => !isRunning(child.record));
});

test('the program leads no group of the terminal, so that Ctrl-C does not reach it', async (t) => {
  const child = await shell(t, 'exec sleep 600');
  const session = (pid: number): string | undefined =>
    readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[3];
  assert.notEqual(session(child.record.pid), session(process.pid));
});

test('a program that does not exist is an error with a sentence', async (t) => {
  const home = temporaryHome(t);
  await assert.rejects(
    startChild({
      name: 'the program',
      command: join(home, 'nothing-here'),
      args: [],
      env: {},
      cwd: home,
      logFile: join(home, 'program.log'),
      graceMs: 1000,
    }),
    (error) =>
      error instanceof DriftwatchError &&
      error.code === 'PROGRAM_MISSING' &&
      /could not be started.*ENOENT/.test(error.message),
  );
});

test('the log of the run before is kept beside the new one', async (t) => {
  const first = await shell(t, 'echo first');
  await first.exited;
  const second = await startChild({
    name: 'the program',
    command: 'sh',
    args: ['-c', 'echo second'],
    env: {},
    cwd: join(first.logFile, '..'),
    logFile: first.logFile,
    graceMs: 1000,
  });
  await second.exited;
  assert.deepEqual(lastLines(first.logFile), ['second']);
  assert.deepEqual(lastLines(`${first.logFile}.1`), ['first']);
});

test('a zombie and a process that is gone have no identity, and a live one keeps its own', async (t) => {
  const child = await shell(t, 'exec sleep 600');
  assert.equal(identify(child.record.pid), child.record.identity);
  assert.notEqual(identify(process.pid), child.record.identity);
  await child.stop();
  assert.equal(identify(child.record.pid), undefined);
});
