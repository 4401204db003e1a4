import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToyLoop } from './toy-loop.ts';

/**
 * What a round that ended differently leaves behind, in a directory of its own: every row that decisions wrote, as it
 * was written, and the logs of all processes of the round.
 */
export async function keepEvidence(args: {
  loop: ToyLoop;
  differences: readonly string[];
  directory: string;
}): Promise<string> {
  const { loop } = args;
  const into = join(args.directory, loop.name);
  await mkdir(into, { recursive: true });
  await writeFile(join(into, 'differences.ndjson'), `${args.differences.join('\n')}\n`);
  for (const table of TABLES) {
    const rows = await loop.clickhouse.bytes('chaos-evidence', { table, model: loop.name });
    await writeFile(join(into, `${table}.ndjson`), rows);
  }
  for (const log of ['process.log', 'train.log']) await copyFile(join(loop.home, log), join(into, log));
  return into;
}

const TABLES = ['decision_leases', 'progress', 'pane_revisions', 'budget_ledger', 'verdicts', 'incidents'];
