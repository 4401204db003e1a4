import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ToyLoop } from './toy-loop.ts';

/**
 * What a round that ended differently leaves behind, in a directory of its own: every row that decisions wrote, as it
 * was written, and the logs of all processes of the round. Returned in short, for whoever has only the report: which
 * windows differ, when what was written about them, who decided when, and what processes warned of.
 */
export async function keepEvidence(args: {
  loop: Pick<ToyLoop, 'name' | 'home' | 'clickhouse'>;
  differences: readonly string[];
  directory: string;
}): Promise<readonly string[]> {
  const { loop, differences } = args;
  const into = join(args.directory, loop.name);
  await mkdir(into, { recursive: true });
  await writeFile(join(into, 'differences.ndjson'), `${differences.join('\n')}\n`);
  const written = new Map<string, readonly Written[]>();
  for (const table of TABLES) {
    const rows = await loop.clickhouse.bytes('chaos-evidence', { table, model: loop.name });
    await writeFile(join(into, `${table}.ndjson`), rows);
    written.set(table, linesOf(rows.toString()).map(asWritten));
  }
  for (const log of LOGS) await copyFile(join(loop.home, log), join(into, log));
  const windows = windowsOf(differences);
  return [
    `kept in ${into}`,
    ...byKind(differences),
    ...[...written].flatMap(([table, rows]) => aboutWindows(table, rows, windows)),
    ...(written.get('decision_leases') ?? []).map(
      (row) => `lease ${row.epoch} ${row.owner} ${row.written_at}`,
    ),
    ...warnings(await readFile(join(loop.home, 'process.log'), 'utf8')),
  ];
}

const TABLES = ['decision_leases', 'progress', 'pane_revisions', 'budget_ledger', 'verdicts', 'incidents'];
const LOGS = ['process.log', 'train.log'];

/** A row of any of the tables: what they have of these. */
const WRITTEN = z.object({
  _part: z.string(),
  written_at: z.string().default(''),
  stage: z.string().default(''),
  stream: z.string().default(''),
  kind: z.string().default(''),
  pane_start: z.string().default(''),
  window_start: z.string().default(''),
  revision: z.coerce.number().default(0),
  rows: z.coerce.number().default(0),
  epoch: z.coerce.number().default(0),
  owner: z.string().default(''),
});
type Written = z.infer<typeof WRITTEN>;
const DIFFERENCE = z.object({ kind: z.string(), window_start: z.string() });
const LOGGED = z.looseObject({
  level: z.string(),
  time: z.string(),
  pid: z.number(),
  event: z.string().default(''),
});

function asWritten(line: string): Written {
  return WRITTEN.parse(JSON.parse(line));
}

/** Kinds and windows of the answers that differ; events have none. */
function answersOf(differences: readonly string[]) {
  return differences.flatMap((line) => {
    const read = DIFFERENCE.safeParse(JSON.parse(line.slice(2)));
    return read.success ? [{ sign: line.slice(0, 1), ...read.data }] : [];
  });
}

function windowsOf(differences: readonly string[]): ReadonlySet<number> {
  return new Set(answersOf(differences).map(({ window_start }) => Date.parse(window_start)));
}

function byKind(differences: readonly string[]): string[] {
  const groups = Map.groupBy(answersOf(differences), ({ sign, kind }) => `${sign} ${kind}`);
  return [...groups].map(([name, answers]) => {
    const windows = [...new Set(answers.map(({ window_start }) => window_start))].toSorted();
    return `${name}: ${answers.length} answers on ${windows.length} windows: ${windows.join(' ')}`;
  });
}

/** Rows about the windows, those that were written together in one. */
function aboutWindows(table: string, rows: readonly Written[], windows: ReadonlySet<number>): string[] {
  const about = rows.filter((row) => windows.has(Date.parse(`${row.window_start}${row.pane_start}`)));
  const groups = Map.groupBy(about, (row) =>
    [
      row._part,
      row.written_at,
      `${row.stage}${row.stream}${row.kind}`,
      `${row.window_start}${row.pane_start}`,
    ].join(' '),
  );
  return [...groups].map(([name, of]) => {
    const revisions = [...new Set(of.map(({ revision }) => revision))].join(' ');
    return `${table} ${name}: ${of.length} rows, revision ${revisions}, of ${of[0]?.rows ?? 0} rows`;
  });
}

function warnings(log: string): string[] {
  return linesOf(log).flatMap((line) => {
    const read = LOGGED.safeParse(parsed(line));
    if (!read.success || read.data.level === 'info' || read.data.level === 'debug') return [];
    const { level, time, pid, event, msg } = read.data;
    return [`${time} ${pid} ${level} ${event}: ${String(msg).slice(0, 160)}`];
  });
}

/** A process that is killed leaves half a line. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
