import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClickHouse } from '../../../src/io/clickhouse/client.ts';
import { groupCommit } from '../../../src/io/clickhouse/group-commit.ts';

type Sent = {
  readonly table: string;
  readonly rows: readonly unknown[];
  resolve(): void;
  reject(error: Error): void;
};

function recording(): { clickhouse: ClickHouse; sent: Sent[] } {
  const sent: Sent[] = [];
  const unused = (): never => {
    throw new Error('not part of this test');
  };
  const clickhouse: ClickHouse = {
    rows: unused,
    run: unused,
    bytes: unused,
    runEach: unused,
    insertAvro: unused,
    statement: unused,
    ping: unused,
    close: unused,
    insert(table, rows) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      sent.push({ table, rows, resolve, reject });
      return promise;
    },
  };
  return { clickhouse, sent };
}

/** Lets everything run that is ready to. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('rows that come while an insert is on its way go together in the next one', async () => {
  const { clickhouse, sent } = recording();
  const grouped = groupCommit(clickhouse, ['ledger']);
  const first = grouped.insert('ledger', [{ at: 1 }]);
  await turn();
  const others = [grouped.insert('ledger', [{ at: 2 }]), grouped.insert('ledger', [{ at: 3 }, { at: 4 }])];
  await turn();
  assert.deepEqual(
    sent.map(({ rows }) => rows),
    [[{ at: 1 }]],
  );
  sent[0]?.resolve();
  await first;
  await turn();
  assert.deepEqual(sent[1]?.rows, [{ at: 2 }, { at: 3 }, { at: 4 }]);
  sent[1]?.resolve();
  await Promise.all(others);
  assert.equal(sent.length, 2);
});

test('a failed insert fails for everyone whose rows it carried, and the next one goes all the same', async () => {
  const { clickhouse, sent } = recording();
  const grouped = groupCommit(clickhouse, ['ledger']);
  const together = [grouped.insert('ledger', [{ at: 1 }]), grouped.insert('ledger', [{ at: 2 }])];
  await turn();
  const after = grouped.insert('ledger', [{ at: 3 }]);
  sent[0]?.reject(new Error('no answer'));
  const outcomes = await Promise.allSettled(together);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  await turn();
  assert.deepEqual(sent[1]?.rows, [{ at: 3 }]);
  sent[1]?.resolve();
  await after;
});

test('tables that are not named are not grouped', async () => {
  const { clickhouse, sent } = recording();
  const grouped = groupCommit(clickhouse, ['ledger']);
  void grouped.insert('verdicts', [{ at: 1 }]);
  void grouped.insert('verdicts', [{ at: 2 }]);
  await turn();
  assert.deepEqual(
    sent.map(({ table, rows }) => [table, rows.length]),
    [
      ['verdicts', 1],
      ['verdicts', 1],
    ],
  );
});
