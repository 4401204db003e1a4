import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { projectSources, violations } from './boundaries.ts';

const allowed = [
  ['src/core/statistics/psi.ts', "import { x } from '../summaries/histogram.ts';"],
  ['src/core/statistics/psi.ts', "import { mean } from 'simple-statistics';"],
  ['src/core/statistics/psi.ts', "import { DriftwatchError } from '../../errors.ts';"],
  [
    'src/io/kafka/kafka.ts',
    "import { Kafka } from 'kafkajs';\nimport type { Log } from '../../runtime/log.ts';",
  ],
  ['processors/ingest/ingest.ts', "import type { Kafka } from '../../src/io/kafka/port.ts';"],
  ['processors/ingest/ingest.ts', "export type { Kafka } from '../../src/io/kafka/port.ts';"],
  ['processors/panes/panes.ts', "import { count } from '../../src/io/clickhouse/columns.ts';"],
  ['src/cli/up.ts', "import { ingest } from '../../processors/ingest/ingest.ts';\nprocess.env['HOME'];"],
  ['deploy/embedded/supervise.ts', 'const all = process.env;'],
  ['deploy/embedded/clickhouse/main.ts', 'const all = process.env;'],
  ['src/io/clickhouse/client.ts', 'const sql = `SELECT 1`;'],
  ['processors/panes/panes.ts', '// import { x } from "../../src/cli/up.ts"; process.env; `SELECT 1`'],
  ['processors/panes/panes.ts', 'const text = \'say: import { x } from "../../src/cli/up.ts"\';'],
  ['processors/panes/panes.ts', "const quote = /['\"`/]/; const half = 4 / 2; // it's"],
  ['src/core/windows/tumbling.ts', "const text = 'Date.now() is not called';"],
] as const;

const planted = [
  ['src/core/statistics/psi.ts', "import { readFileSync } from 'node:fs';", /must not import node:fs/],
  ['src/core/statistics/psi.ts', "import { z } from 'zod';", /must not import the package zod/],
  ['src/core/statistics/psi.ts', "import type { Log } from '../../runtime/log.ts';", /src\/runtime\/log\.ts/],
  ['src/core/statistics/psi.ts', 'const now = Date.now();', /no clock/],
  ['src/core/statistics/psi.ts', 'const name = `n$' + '{Math.random()}`;', /no clock/],
  ['src/io/kafka/kafka.ts', "import { openLog } from '../../runtime/log.ts';", /only types/],
  ['src/io/kafka/kafka.ts', "export { ingest } from '../../../processors/ingest.ts';", /processors\/ingest/],
  ['topics/alerts.ts', "import { bins } from '../src/core/summaries/bins.ts';", /only types/],
  ['processors/ingest/ingest.ts', "import { openKafka } from '../../src/io/kafka/kafka.ts';", /only types/],
  [
    'processors/ingest/ingest.ts',
    "import {\n  type A,\n  b,\n} from '../../src/io/kafka/kafka.ts';",
    /:1: .*only types/,
  ],
  ['processors/ingest/ingest.ts', "const late = await import('../../src/cli/up.ts');", /src\/cli\/up/],
  ['processors/ingest/ingest.ts', "import '../../src/server/app.ts';", /src\/server\/app/],
  ['src/runtime/run.ts', "import { Kafka } from 'kafkajs';", /the package kafkajs/],
  ['src/server/app.ts', "import { train } from '../../processors/train/train.ts';", /processors\/train/],
  ['deploy/embedded/kafka.ts', "import { openKafka } from '../../src/io/kafka/kafka.ts';", /src\/io\/kafka/],
  ['deploy/demo/replay.ts', "import { up } from '../../src/cli/up.ts';", /src\/cli\/up/],
  ['deploy/embedded/kafka.ts', "const home = process.env['HOME'];", /reads the environment/],
  ['src/runtime/run.ts', 'const { env } = process;', /reads the environment/],
  ['processors/panes/panes.ts', 'run(`\n  SELECT count() FROM x`);', /SQL belongs/],
  ['src/server/app.ts', "const text = 'INSERT INTO t VALUES (1)';", /SQL belongs/],
] as const;

for (const [path, text] of allowed) {
  test(`the boundary check lets ${path} hold: ${text.split('\n')[0]}`, () => {
    assert.deepEqual(violations({ path, text }), []);
  });
}

for (const [path, text, expected] of planted) {
  test(`the boundary check refuses in ${path}: ${text.split('\n')[0]}`, () => {
    const found = violations({ path, text });
    assert.equal(found.length, 1, JSON.stringify(found));
    assert.match(found[0] ?? '', expected);
  });
}

test('the tree as it is keeps its boundaries', () => {
  const sources = projectSources(fileURLToPath(new URL('..', import.meta.url)));
  assert.ok(sources.length > 20, `only ${sources.length} sources were found`);
  assert.deepEqual(sources.flatMap(violations), []);
});
