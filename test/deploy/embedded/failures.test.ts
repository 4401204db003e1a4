import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pomProperty } from '../../../deploy/embedded/maven.ts';
import { stackPorts } from '../../../deploy/embedded/ports.ts';
import { isRunning, type ProcessRecord } from '../../../deploy/embedded/process-identity.ts';
import { freeTestOffset, temporaryHome } from '../../fixtures/own-stack.ts';
import { fakeJava, programs, stackCommand } from '../../fixtures/stack-command.ts';
import { until } from '../../fixtures/until.ts';

/** A home whose downloads and Kafka data look complete, so that only the scripts given here run. */
function preparedHome(t: TestContext): string {
  const home = temporaryHome(t);
  mkdirSync(join(home, 'cache', `kafka-${pomProperty('kafka.version')}`), { recursive: true });
  mkdirSync(join(home, 'cache', `apicurio-registry-${pomProperty('apicurio.version')}`));
  mkdirSync(join(home, 'kafka', 'data'), { recursive: true });
  writeFileSync(join(home, 'kafka', 'data', 'meta.properties'), '');
  return home;
}

async function failure(
  t: TestContext,
  home: string,
  scripts: Readonly<Record<string, string>>,
  offset?: number,
): Promise<string> {
  const path = `${programs(join(home, 'path'), scripts)}:${scripts['mvn'] === undefined ? '' : '/bin'}`;
  const command = stackCommand(
    t,
    ['--home', home, '--port-offset', String(offset ?? (await freeTestOffset()))],
    path,
  );
  const { status, stdout, stderr } = await command.ended;
  assert.equal(status, 1, stderr);
  assert.equal(stdout, '', 'no addresses of a stack that is not there');
  assert.doesNotMatch(stderr, /^\s+at .*\.ts:\d+/m, 'no stack trace');
  assert.doesNotMatch(readdirSync(home).join(), /stack\.json/, 'the home is free again');
  return stderr;
}

test('without java the command says which Java it needs and how to get it', async (t) => {
  const said = await failure(t, temporaryHome(t), {});
  assert.match(said, /need Java 17 or newer, and there is no java on the PATH\..*apt-get install/);
});

test('with an old java the command says what it found', async (t) => {
  const said = await failure(t, temporaryHome(t), { java: `echo 'openjdk version "11.0.2"' >&2` });
  assert.match(said, /need Java 17 or newer, but the java on the PATH is Java 11\./);
});

test('without Maven the first start says so, and a start with a filled cache does not need it', async (t) => {
  assert.match(await failure(t, temporaryHome(t), { java: fakeJava('exit 1') }), /no mvn on the PATH/);
  const said = await failure(t, preparedHome(t), { java: fakeJava('exit 1') });
  assert.match(said, /^Kafka ended with exit status 1/m);
});

test('a download without a network ends in a sentence, and leaves nothing that looks complete', async (t) => {
  const home = temporaryHome(t);
  const said = await failure(t, home, {
    java: fakeJava('exit 1'),
    mvn: 'echo "[ERROR] Could not transfer artifact: Unknown host repo.example.org"; exit 1',
  });
  assert.match(said, /download through Maven failed: .*Unknown host.*needs the network/);
  assert.deepEqual(readdirSync(join(home, 'cache')), []);
});

test('a program that dies is reported with the last lines of its log', async (t) => {
  const home = preparedHome(t);
  const said = await failure(t, home, { java: fakeJava('echo one; echo "the very reason" >&2; exit 3') });
  assert.match(
    said,
    /^Kafka ended with exit status 3\. Its log is .*kafka\.log\. It ends with:\n {2}one\n {2}the very reason$/m,
  );
});

test('a program that dies of a full disk is reported as that', async (t) => {
  const said = await failure(t, preparedHome(t), {
    java: fakeJava('echo "java.io.IOException: No space left on device"; exit 1'),
  });
  assert.match(said, /because the disk is full\. Make room/);
});

test('a taken port ends the start before anything runs', async (t) => {
  const home = preparedHome(t);
  const offset = await freeTestOffset();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(stackPorts(offset).clickhouse, '127.0.0.1', resolve));
  t.after(() => server.close());
  const said = await failure(t, home, { java: fakeJava('echo ran > ran; exit 1') }, offset);
  assert.match(
    said,
    new RegExp(
      `^Port ${stackPorts(offset).clickhouse}, wanted for ClickHouse, is already in use by .*process ${process.pid}.*--port-offset`,
      'm',
    ),
  );
  assert.doesNotMatch(readdirSync(join(home, 'kafka')).join(), /ran/);
});

test('a home that cannot be made is a sentence too', async (t) => {
  const file = join(temporaryHome(t), 'file');
  writeFileSync(file, '');
  const command = stackCommand(
    t,
    ['--home', join(file, 'home')],
    programs(join(file, '..', 'path'), { java: fakeJava('exit 1') }),
  );
  const { status, stderr } = await command.ended;
  assert.equal(status, 1);
  assert.match(stderr, /home directory .* cannot be written \(ENOTDIR\)\. Choose a directory/);
});

test('Ctrl-C during the start stops what runs already', async (t) => {
  const { command, kafka } = await hangingStart(t);
  command.process.kill('SIGINT');
  const { status, stderr } = await command.ended;
  assert.equal(status, 1);
  assert.match(stderr, /Interrupted before the stack was up/);
  assert.equal(isRunning(kafka), false);
});

test('a launcher that is killed leaves no program, even one that ignores SIGTERM', async (t) => {
  const { command, kafka, home } = await hangingStart(t);
  command.process.kill('SIGKILL');
  await command.ended;
  await until('the program is gone', () => !isRunning(kafka));
  const said = await failure(t, home, { java: fakeJava('echo next; exit 1') });
  assert.match(said, /next/, 'the next start takes the home over');
});

test('a second stack on the same home is refused while the first one runs, and harms nothing', async (t) => {
  const { command, kafka, home } = await hangingStart(t);
  const second = stackCommand(
    t,
    ['--home', home, '--port-offset', String(await freeTestOffset())],
    join(home, 'path'),
  );
  const { status, stderr } = await second.ended;
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`already runs on .*process ${command.process.pid}\\b`));
  assert.equal(isRunning(kafka), true);
});

/** A start that waits for a Kafka that never answers and does not heed SIGTERM. */
async function hangingStart(t: TestContext): Promise<{
  command: ReturnType<typeof stackCommand>;
  kafka: ProcessRecord;
  home: string;
}> {
  const home = preparedHome(t);
  const path = programs(join(home, 'path'), {
    java: fakeJava("trap '' TERM\nwhile :; do /bin/sleep 0.1; done"),
  });
  const command = stackCommand(t, ['--home', home, '--port-offset', String(await freeTestOffset())], path);
  const recorded = (): ProcessRecord | undefined => {
    try {
      const claim = JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8')) as {
        children: ProcessRecord[];
      };
      return claim.children[0];
    } catch {
      return undefined;
    }
  };
  await until('Kafka is on record', () => recorded() !== undefined);
  const kafka = recorded();
  assert.ok(kafka);
  return { command, kafka, home };
}
