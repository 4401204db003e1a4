type Row = Readonly<Record<string, unknown>>;

/** Where two histories differ; how often an answer was corrected on the way is not compared. */
export function sameHistory(wanted: readonly Row[], found: readonly Row[]): string[] {
  const failures: string[] = [];
  const have = new Map(found.map((row) => [keyOf(row), row]));
  const want = new Map(wanted.map((row) => [keyOf(row), row]));
  for (const [key, row] of want) {
    const other = have.get(key);
    if (other === undefined) failures.push(`there is no verdict on ${key}`);
    else {
      const columns = Object.keys(row).filter(
        (name) => !PATH.has(name) && text(row[name]) !== text(other[name]),
      );
      for (const name of columns.slice(0, 1))
        failures.push(
          `${name} of ${key}, revision ${text(other['revision'])}: ${text(other[name])} and not ${text(row[name])}`,
        );
    }
  }
  for (const key of have.keys()) if (!want.has(key)) failures.push(`there is a verdict on ${key}`);
  return failures;
}

function keyOf(row: Row): string {
  return ['kind', 'statistic', 'feature', 'segment', 'window_start'].map((name) => text(row[name])).join(' ');
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? '';
}

/** Columns that say how a verdict came about. */
const PATH: ReadonlySet<string> = new Set(['revision', 'verdict_id', 'stream_time']);

/**
 * Every event of the outbox is on its topic once, and nothing else is; `wanted` are the events there should be, of those
 * up to `untilMs` of event time: what comes later is of windows that are closed only where a partition seemed idle.
 */
export function eventFailures(args: {
  outbox: readonly Row[];
  marks: readonly Row[];
  published: readonly string[];
  wanted?: readonly Row[];
  untilMs: number;
}): string[] {
  const failures: string[] = [];
  const ids = (rows: readonly Row[]) => rows.map((row) => String(row['event_id']));
  const times = new Map<string, number>();
  for (const id of args.published) times.set(id, (times.get(id) ?? 0) + 1);
  const outbox = new Set(ids(args.outbox));
  for (const [id, count] of times) {
    if (count > 1) failures.push(`event ${id} is on its topic ${count} times`);
    if (!outbox.has(id)) failures.push(`event ${id} is on its topic and was never put`);
  }
  for (const id of outbox) if (!times.has(id)) failures.push(`event ${id} was put and is not on its topic`);
  for (const id of outbox) if (!ids(args.marks).includes(id)) failures.push(`event ${id} is not marked`);
  if (args.wanted !== undefined) {
    // Ids alone: where a partition seemed idle a window closes with the rows that were there, and an event words those.
    const isDue = (row: Row) => Date.parse(String(row['event_time'])) <= args.untilMs;
    const wanted = new Set(ids(args.wanted.filter(isDue)));
    for (const id of wanted) if (!outbox.has(id)) failures.push(`event ${id} is missing`);
    for (const row of args.outbox.filter(isDue))
      if (!wanted.has(String(row['event_id']))) failures.push(`an event has no cause: ${text(row['body'])}`);
  }
  return failures;
}
