import { type Expected, holdsEvery } from './expected.ts';
import type { LedgerRow } from './tables.ts';

/** Watches a run: what must hold at every moment is checked then, the rest at the end. */
export interface Checker {
  readonly topic: string;
  /** A row of a raw table, of dead_letters or of tombstones has become readable. */
  stored(table: string, row: Record<string, unknown>): void;
  /** A ledger row was written; of two of one version only one is read. */
  wrote(row: LedgerRow): void;
  /** The newest ledger row of a partition is another one now. */
  floorMoved(before: LedgerRow | undefined, now: LedgerRow): void;
  committed(partition: number, nextOffset: number): void;
  told(maxEventTimeMs: number | undefined): void;
  published(id: string | undefined): void;
  /** Offsets at or above one that are stored, dead letters or tombstones, ascending. */
  accounted(partition: number, from: number): number[];
  /** Everything that is wrong at the end; `consumed` per partition as the ledger has it. */
  atEnd(consumed: (partition: number) => number): void;
  failures(): readonly string[];
}

export function openChecker(args: {
  topic: string;
  expected: Expected;
  /** The latest moment that a watermark may show. */
  latestMs: number;
}): Checker {
  const { topic, expected } = args;
  const failures: string[] = [];
  const places = new Map<string, { table: string; partition: number; offset: number; sort: string }>();
  const highest = new Map<number, number>();
  const epochs = new Map<number, number>();
  const stale = new Map<string, number>();
  const letterIds = new Map<string, number>();

  function fail(text: string): void {
    if (failures.length < 20) failures.push(text);
  }

  function isAccounted(partition: number, offset: number): boolean {
    return KINDS.some((kind) => places.has(`${kind}/${partition}/${offset}`));
  }

  return {
    topic,
    failures: () => failures,
    stored(table, row) {
      const raw = table !== 'dead_letters' && table !== 'tombstones';
      const partition = Number(row[raw ? '_partition' : 'partition']);
      const offset = Number(row[raw ? '_offset' : 'offset']);
      const kind = raw ? 'row' : table === 'tombstones' ? 'tombstone' : 'dead-letter';
      const wanted = expected.at(partition, offset);
      if (wanted === undefined) fail(`${partition}/${offset} was never sent and is stored`);
      else if (wanted.truth !== kind)
        fail(`${partition}/${offset} is a ${wanted.truth} and became a ${kind}`);
      else if (raw && !holdsEvery(row, wanted.row ?? {}))
        fail(`${partition}/${offset} has other values than sent`);
      const key = `${kind}/${partition}/${offset}`;
      // Rows of one place are one row only if they sort alike.
      const sort = raw ? String(Math.floor(Number(row['event_time']) / 3_600_000)) : '';
      const before = places.get(key);
      if (before !== undefined && before.sort !== sort) fail(`${partition}/${offset} is stored twice`);
      places.set(key, { table: kind, partition, offset, sort });
    },
    wrote({ partition, floor, epoch, owner }) {
      highest.set(partition, Math.max(highest.get(partition) ?? 0, floor));
      const newest = epochs.get(partition) ?? 0;
      epochs.set(partition, Math.max(newest, epoch));
      if (epoch >= newest) return;
      // One may have been under way when the other owner came; before the next it must have asked.
      const key = `${partition}/${epoch}/${owner}`;
      stale.set(key, (stale.get(key) ?? 0) + 1);
      if ((stale.get(key) ?? 0) > 1) fail(`${owner} went on with ${partition} after it was taken over`);
    },
    floorMoved(before, now) {
      const { partition, floor } = now;
      // A new owner may have read the floor before the old one's last word: it begins there, and counts from there.
      if (
        before !== undefined &&
        floor < before.floor &&
        now.epoch === before.epoch &&
        now.owner === before.owner
      )
        fail(`the floor of ${partition} went back from ${before.floor} to ${floor} under one owner`);
      const below = expected.of(partition).filter(({ offset }) => offset < floor).length;
      if (now.consumed !== below)
        fail(
          `the floor of ${partition} is ${floor}, ${below} messages are below and ${now.consumed} were counted`,
        );
      if (before !== undefined && now.epoch < before.epoch)
        fail(`${now.owner} of epoch ${now.epoch} wrote over epoch ${before.epoch}`);
      for (const { offset } of expected.of(partition)) {
        if (offset >= floor) break;
        if (offset < (before?.floor ?? 0) || isAccounted(partition, offset)) continue;
        fail(`the floor of ${partition} went to ${floor} and ${offset} is nowhere`);
        break;
      }
    },
    committed(partition, nextOffset) {
      const floor = highest.get(partition) ?? 0;
      if (nextOffset > floor)
        fail(`${partition} was committed at ${nextOffset} and its floor was never over ${floor}`);
    },
    told(maxEventTimeMs) {
      if ((maxEventTimeMs ?? 0) > args.latestMs) fail(`stream time went to ${maxEventTimeMs}`);
    },
    published(id) {
      letterIds.set(id ?? '', (letterIds.get(id ?? '') ?? 0) + 1);
    },
    accounted(partition, from) {
      const offsets = new Set<number>();
      for (const place of places.values())
        if (place.partition === partition && place.offset >= from) offsets.add(place.offset);
      return [...offsets].sort((a, b) => a - b);
    },
    atEnd(consumed) {
      let letters = 0;
      for (const partition of expected.partitions) {
        const all = expected.of(partition);
        for (const { offset, truth } of all) {
          if (truth === 'dead-letter') letters += 1;
          const kinds = KINDS.filter((kind) => places.has(`${kind}/${partition}/${offset}`));
          if (kinds.length !== 1) fail(`${partition}/${offset} is in ${kinds.length} tables`);
        }
        if (consumed(partition) !== all.length)
          fail(`${partition} has ${all.length} messages and ${consumed(partition)} were consumed`);
      }
      if (letterIds.size !== letters) fail(`${letters} dead letters, ${letterIds.size} ids on their topic`);
    },
  };
}

const KINDS = ['row', 'dead-letter', 'tombstone'] as const;
