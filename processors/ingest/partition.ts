import { rawTableName } from '../../src/core/contract/raw-table.ts';
import { DriftwatchError, type ErrorCode, sentence } from '../../src/errors.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import type { Assignment, Batch, Control, Kafka, Message, Producer } from '../../src/io/kafka/port.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Holding, PartitionHealth } from '../../src/runtime/health.ts';
import type { Log } from '../../src/runtime/log.ts';
import { schemaIdOf } from './classify.ts';
import { type Island, islandsFrom } from './islands.ts';
import type { SchemaJudge } from './judge-schemas.ts';
import { advanceLease, confirmLease, type Lease } from './lease.ts';
import { type Letter, type Plan, planBatch } from './plan.ts';
import type { IngestArgs, Limits, PartitionReport, PartitionWatermark, Source, Step } from './ports.ts';
import type { ProducerRecorder } from './record-producers.ts';
import type { SightingRecorder } from './record-sightings.ts';
import { resume, tagPrefix } from './resume.ts';
import { storeLetters, storeTombstones } from './store-letters.ts';
import { storeRows } from './store-rows.ts';
import type { Holder } from './watch-leases.ts';

/** One partition in the hands of this process. */
export interface Partition {
  readonly topic: string;
  readonly partition: number;
  /** Takes the partition over; returns the offset to read from. */
  begin(assignment: Assignment): Promise<number>;
  /** Takes a batch in. Never throws for what waiting can mend. */
  take(batch: Batch, control: Control): Promise<void>;
  /** Hears whose the newest ledger row is; if it stays another's, the partition begins again. */
  see(holder: Holder): void;
  report(): Omit<PartitionReport, 'bufferedBytes'> &
    Pick<PartitionHealth, 'lastProgressAtMs' | 'lastAttemptAtMs'>;
  watermark(): PartitionWatermark;
}

/**
 * What happens to a batch, in this order, each step after the one before is certain: rows into the raw table,
 * dead letters onto their topic and into their table, tombstones into theirs; the ledger row; the panes
 * are told; the offset is noted for the next commit. Everything up to the ledger row can be repeated from
 * the same floor without a difference.
 *
 * When it is uncertain what became of a write, nothing is tried again on the spot: the partition waits,
 * drops its buffer, and begins again like after a crash, with a new epoch and by set difference. One way
 * back, walked often, instead of two.
 */
export function createPartition(args: {
  source: Source;
  partition: number;
  kafka: Kafka;
  clickhouse: ClickHouse;
  producer: Producer;
  judge: SchemaJudge;
  sightings: SightingRecorder;
  producers: ProducerRecorder;
  ingest: Pick<IngestArgs, 'deadLetterCodec' | 'onStored' | 'onStep'>;
  /** A name for the ledger that nobody has had yet: a row of an earlier try may still be under way. */
  newOwner(): string;
  limits: Limits;
  clock: Clock;
  log: Log;
}): Partition {
  const { source, partition, clickhouse, judge, sightings, ingest, limits, clock } = args;
  const { topic, contract } = source;
  const log = args.log.child({ topic, partition });
  let lease: Lease | undefined;
  // Stream time must not run ahead of what has been told, so it is read from the lease as of then.
  let told: Lease | undefined;
  let begunAt = 0;
  let stored: readonly Island[] = [];
  // Until the partition is taken over, nobody may think that it has been read to its end.
  let highWatermark = 1;
  let holding: Holding | undefined = { why: 'being taken over', sinceMs: clock.now() };
  let failures = 0;
  let assigned: Assignment | undefined;
  let strangers = 0;
  let lastProgressAtMs = clock.now();
  let lastAttemptAtMs = clock.now();
  let lastRecordAt = clock.now();
  const counts = { taken: 0, stored: 0, deadLetters: 0, tombstones: 0 };

  async function begin(assignment: Assignment): Promise<number> {
    const { signal } = assignment;
    assigned = undefined;
    const { kafka, log: _, ...ports } = args;
    const { killWaitMs } = limits;
    lastAttemptAtMs = clock.now();
    try {
      const resumed = await resume({ ...ports, kafka, log, owner: args.newOwner(), killWaitMs, signal });
      ({ lease, stored, highWatermark } = resumed);
      told = lease;
      begunAt = lease.floor;
      assigned = assignment;
      strangers = 0;
      lastRecordAt = clock.now();
      // Beginning again after a failure is no progress: it still waits, since when it waited first.
      if (failures === 0 || resumed.from >= highWatermark) {
        holding = undefined;
        lastProgressAtMs = clock.now();
      }
      return resumed.from;
    } catch (error) {
      hold(waitsFor(error));
      throw error;
    }
  }

  async function take(batch: Batch, control: Control): Promise<void> {
    // Waiting for a message is no stall: the time runs from when one has come.
    if (floorOf() >= highWatermark) lastProgressAtMs = clock.now();
    highWatermark = batch.highWatermark;
    try {
      await takeAll(batch, control);
      failures = 0;
      holding = undefined;
    } catch (error) {
      if (control.signal.aborted) return;
      failures += 1;
      hold(waitsFor(error));
      if (!(error instanceof DriftwatchError) || error.code === 'INVARIANT_BROKEN') throw error;
      log.warn({ cause: error, failures }, 'Uncertain what became of a batch; the partition begins again.');
      const ms =
        error.code === 'LEASE_LOST'
          ? 1.5 * limits.sessionTimeoutMs
          : Math.min(10_000, 100 * 2 ** Math.min(failures, 7));
      // Taken over: Kafka will soon say so and abort the signal. Only if it does not is the lease taken back.
      await clock.sleep(ms, control.signal);
      if (!control.signal.aborted) control.beginAgain();
    }
  }

  /** At the first sight Kafka may soon say that the partition went to the other; at the second it has not. */
  function see(holder: Holder): void {
    const foreign =
      assigned !== undefined &&
      lease !== undefined &&
      holder.owner !== lease.owner &&
      holder.epoch >= lease.epoch;
    strangers = foreign ? strangers + 1 : 0;
    if (strangers < 2) return;
    log.warn({ ...holder }, 'The ledger says that another has the partition; it is taken again.');
    assigned?.beginAgain();
    assigned = undefined;
  }

  /** The part of a batch whose schemas are known goes on; at the first one that is owed, the rest waits. */
  async function takeAll(batch: Batch, control: Control): Promise<void> {
    const { signal } = control;
    let rest = batch.messages.filter((message) => message.offset >= floorOf());
    await step('fetched');
    for (let attempt = 0; !signal.aborted; ) {
      lastAttemptAtMs = clock.now();
      const judged = await judge.judge(idsIn(rest));
      const at = rest.findIndex((message) => judged.owed.has(schemaIdOf(message) ?? -1));
      const ready = at === -1 ? rest : rest.slice(0, at);
      const next = rest[ready.length];
      if (signal.aborted) return;
      if (ready.length > 0 || next === undefined) {
        await takePart(ready, next?.offset ?? batch.nextOffset, judged.verdicts, batch, control);
        attempt = 0;
      }
      if (next === undefined || signal.aborted) return;
      rest = rest.slice(ready.length);
      const id = schemaIdOf(next) ?? -1;
      hold(`waiting for registry: no answer on schema ${id}: ${judged.owed.get(id) ?? ''}`);
      log.warn({ schemaId: id, attempt }, 'The registry owes an answer; the partition waits.');
      await clock.sleep(Math.min(5_000, 200 * 2 ** Math.min(attempt, 5)), signal);
      attempt += 1;
    }
  }

  async function takePart(
    messages: readonly Message[],
    nextOffset: number,
    verdicts: Parameters<typeof planBatch>[0]['verdicts'],
    batch: Batch,
    control: Control,
  ): Promise<void> {
    const { signal } = control;
    const held = leaseOf();
    if (nextOffset <= held.floor) return;
    const plan = planBatch({
      messages,
      verdicts,
      stored,
      maxEventTimeMs: held.maxEventTimeMs,
      maxFutureMs: limits.maxFutureMs,
    });
    await step('classified');
    const letters = [...plan.deadLetters, ...(await insertAll(plan, held, signal))];
    if (signal.aborted) return;
    await step('inserted');
    // A process that slept through its lease stops here, before it repeats a dead letter on the topic.
    if (letters.length > 0) await confirmLease(clickhouse, held);
    const tag = `${tagPrefix(topic, partition)}${held.epoch}-${messages[0]?.offset ?? nextOffset}-`;
    await storeLetters({ clickhouse, producer: args.producer, codec: ingest.deadLetterCodec, letters, tag });
    await storeTombstones({ clickhouse, tombstones: plan.tombstones, tag });
    await sightings.record(partition, plan.sightings);
    await args.producers.record(partition, plan.producers);
    if (signal.aborted) return;
    await step('accounted');
    lease = await advanceLease(clickhouse, held, {
      floor: nextOffset,
      consumed: held.consumed + messages.length,
      maxEventTimeMs: plan.maxEventTimeMs,
    });
    stored = islandsFrom(stored, nextOffset);
    counts.taken += messages.length;
    const refused = letters.length - plan.deadLetters.length;
    counts.stored += plan.rows - refused;
    counts.deadLetters += plan.letters + refused;
    counts.tombstones += plan.stones;
    lastProgressAtMs = clock.now();
    if (messages.length > 0) lastRecordAt = clock.now();
    holding = undefined;
    await step('ledgered');
    await tell(messages, plan, plan.rows - refused, nextOffset >= batch.highWatermark, signal);
    told = lease;
    holding = undefined;
    await step('told');
    control.commit(nextOffset);
    await step('committed');
  }

  /** One insert after the other: one in flight per partition. Returns what ClickHouse refused. */
  async function insertAll(plan: Plan, held: Lease, signal: AbortSignal): Promise<readonly Letter[]> {
    const letters: Letter[] = [];
    for (const insert of plan.inserts) {
      if (signal.aborted) return letters;
      const schema = judge.schema(insert.schemaId);
      if (schema?.container === undefined) continue;
      const refused = await storeRows({
        clickhouse,
        table: rawTableName(contract),
        partition,
        container: schema.container,
        columns: schema.columns,
        rows: insert.rows,
        tagPrefix: `${tagPrefix(topic, partition)}${held.epoch}-`,
      });
      for (const { row, detail } of refused) {
        const { message, schemaId } = row;
        letters.push({ outcome: 'dead-letter', reason: 'refused', detail, schemaId, message });
      }
    }
    return letters;
  }

  async function tell(
    messages: readonly Message[],
    plan: Plan,
    rows: number,
    caughtUp: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const first = messages[0];
    const last = messages.at(-1);
    if (first === undefined || last === undefined) return;
    const event = {
      model: contract.model,
      stream: contract.stream,
      topic,
      partition,
      rows,
      minOffset: first.offset,
      maxOffset: last.offset,
      eventTimes: plan.hours,
      maxEventTimeMs: plan.maxEventTimeMs,
      caughtUp,
    };
    // The floor has moved, so the batch will not come again: it is told until it is heard.
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        return await ingest.onStored(event);
      } catch (cause) {
        lastAttemptAtMs = clock.now();
        hold(`what was stored could not be told: ${sentence(cause)}`);
        log.error({ cause, attempt }, 'What was stored could not be told; trying again.');
        await clock.sleep(Math.min(10_000, 100 * 2 ** Math.min(attempt, 7)), signal);
      }
    }
  }

  /** The time runs from when it began to wait, whatever the words are now. */
  function hold(why: string): void {
    holding = { why, sinceMs: holding?.sinceMs ?? clock.now() };
  }

  async function step(name: Step): Promise<void> {
    lastAttemptAtMs = clock.now();
    await ingest.onStep?.(name, { topic, partition });
  }

  function leaseOf(): Lease {
    if (lease !== undefined) return lease;
    throw new DriftwatchError({
      code: 'INVARIANT_BROKEN',
      message: `A batch of ${topic}/${partition} arrived before the partition was taken over.`,
      next: 'The consumer must call onAssigned before onBatch.',
    });
  }

  function floorOf(): number {
    return leaseOf().floor;
  }

  return {
    topic,
    partition,
    begin,
    take,
    see,
    report: () => ({
      topic,
      partition,
      epoch: lease?.epoch ?? 0,
      floor: lease?.floor ?? 0,
      highWatermark: Math.max(highWatermark, lease?.floor ?? 0),
      consumed: lease?.consumed ?? 0,
      ...counts,
      holding,
      lastProgressAtMs,
      lastAttemptAtMs,
    }),
    watermark: () => ({
      partition,
      maxEventTimeMs: told?.maxEventTimeMs,
      position: told?.floor ?? 0,
      begunAt,
      highWatermark: Math.max(highWatermark, told?.floor ?? 0),
      lastRecordAt,
    }),
  };
}

/** Names the system first, so that a person knows whom to ask. */
function waitsFor(error: unknown): string {
  const code = error instanceof DriftwatchError ? error.code : undefined;
  const system = code === undefined ? undefined : SYSTEMS[code];
  return system === undefined ? sentence(error) : `waiting for ${system}: ${sentence(error)}`;
}

const SYSTEMS: Readonly<Partial<Record<ErrorCode, string>>> = {
  BROKER_UNREACHABLE: 'Kafka',
  CLICKHOUSE_UNREACHABLE: 'ClickHouse',
  CLICKHOUSE_REFUSED: 'ClickHouse',
  REGISTRY_UNREACHABLE: 'registry',
};

function idsIn(messages: readonly Message[]): Set<number> {
  const ids = new Set<number>();
  for (const message of messages) {
    const id = schemaIdOf(message);
    if (id !== undefined) ids.add(id);
  }
  return ids;
}
