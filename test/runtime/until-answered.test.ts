import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriftwatchError, type ErrorCode } from '../../src/errors.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { untilAnswered } from '../../src/runtime/until-answered.ts';

const failure = (code: ErrorCode) => new DriftwatchError({ code, message: `${code}.`, next: 'Wait.' });

function rig(answers: readonly (string | Error)[]) {
  const pauses: number[] = [];
  const waited: string[] = [];
  const controller = new AbortController();
  let asked = 0;
  const run = () =>
    untilAnswered({
      what: 'The start',
      async attempt() {
        const answer = answers[asked];
        asked += 1;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      clock: { now: () => 0, sleep: async (ms) => void pauses.push(ms) },
      log: silentLog,
      signal: controller.signal,
      onWait: (why) => waited.push(why),
    });
  return { run, pauses, waited, controller, asked: () => asked };
}

test('a system that is away is waited for, in growing pauses, and it is said which', async () => {
  const away = (['BROKER_UNREACHABLE', 'CLICKHOUSE_UNREACHABLE', 'REGISTRY_UNREACHABLE'] as const).map(
    failure,
  );
  const { run, pauses, waited } = rig([...away, ...away, ...away, 'up']);
  assert.equal(await run(), 'up');
  assert.deepEqual(pauses, [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000]);
  assert.equal(waited[1], 'CLICKHOUSE_UNREACHABLE. Wait.');
});

test('what waiting does not mend is thrown at once', async () => {
  for (const error of [failure('CONTRACT_INVALID'), failure('CLICKHOUSE_REFUSED'), new Error('a bug')]) {
    const { run, asked } = rig([error, 'up']);
    await assert.rejects(run(), error);
    assert.equal(asked(), 1);
  }
});

test('a process that is asked to end does not wait any longer', async () => {
  const { run, controller, asked } = rig([failure('BROKER_UNREACHABLE'), 'up']);
  controller.abort();
  await assert.rejects(run(), /BROKER_UNREACHABLE/);
  assert.equal(asked(), 1);
});
