import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { javaVersion, requireJava } from '../../../deploy/embedded/java.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import { temporaryHome } from '../../fixtures/own-stack.ts';
import { fakeJava, programs } from '../../fixtures/stack-command.ts';

test('the feature version is read from every form of java -version', () => {
  assert.equal(javaVersion('openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime'), 17);
  assert.equal(javaVersion('java version "1.8.0_392"'), 8);
  assert.equal(javaVersion('openjdk version "25" 2025-09-16'), 25);
  assert.equal(javaVersion('Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "21-ea"'), 21);
  assert.equal(javaVersion('The program java can be found in these packages'), undefined);
});

test('the java of JAVA_HOME is taken, and an older or absent one is refused', async (t) => {
  const home = temporaryHome(t);
  programs(join(home, 'new', 'bin'), { java: fakeJava('exit 1') });
  programs(join(home, 'old', 'bin'), { java: `echo 'openjdk version "11.0.2"' >&2` });
  assert.equal(await requireJava(join(home, 'new')), join(home, 'new', 'bin', 'java'));
  for (const [name, text] of [
    ['old', /is Java 11\./],
    ['absent', /there is no java at .*absent/],
  ] as const) {
    await assert.rejects(
      requireJava(join(home, name)),
      (error) =>
        error instanceof DriftwatchError && error.code === 'PROGRAM_MISSING' && text.test(error.message),
    );
  }
});
