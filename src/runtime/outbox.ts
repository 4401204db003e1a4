import { z } from 'zod';
import { DriftwatchError } from '../errors.ts';
import type { ClickHouse } from '../io/clickhouse/client.ts';
import { count, instant } from '../io/clickhouse/columns.ts';
import type { Fence } from '../io/clickhouse/fence.ts';
import type { Kafka, Producer, Sent } from '../io/kafka/port.ts';
import type { Log } from './log.ts';
import { oneAtATime } from './one-at-a-time.ts';

/**
 * Events that must be on their topic exactly once. Each is written as a row first, published second and
 * marked third. After a start or a doubtful send the process first opens the exclusive producer of this outbox,
 * which shuts out every other process that believes it should publish, then reads the topic's tail back, and only
 * then sends what is not there: whatever the others had under way is on the topic by then or never will be.
 */
export interface Outbox {
  /**
   * Writes the rows. An id that is in the outbox already is left as it is, so a processor that starts
   * over may put the same events again. Under a fence nothing is written once it has fallen. Throws
   * CLICKHOUSE_UNREACHABLE.
   */
  put(events: readonly OutboxEvent[], fence?: Fence): Promise<void>;
  /**
   * Publishes what is pending, in order of writing, also what another process has put and not published; returns how
   * many it sent. Throws BROKER_UNREACHABLE.
   */
  publish(): Promise<number>;
  close(): Promise<void>;
}

export interface OutboxEvent {
  /** Deterministic, see eventId in src/core/uuid.ts. */
  readonly eventId: string;
  readonly topic: string;
  readonly key: string;
  /** CloudEvents type, such as `driftwatch.model-release`. */
  readonly type: string;
  /** Stream time of what the event tells, milliseconds since 1970. */
  readonly eventTimeMs: number;
  /** The record as the topic's schema has it; plain JSON values only. */
  readonly value: Readonly<Record<string, unknown>>;
}

/** In the order in which they happen to an event. */
export const OUTBOX_STEPS = ['outbox-written', 'published', 'marked'] as const;
export type OutboxStep = (typeof OUTBOX_STEPS)[number];

/** Turns records of one topic into bytes. */
export type Encode = (value: Record<string, unknown>) => Buffer;

/**
 * Opens the outbox for the topics that this process alone publishes to. `encoders` names them; `source`
 * is the CloudEvents source.
 */
export async function openOutbox(args: {
  clickhouse: ClickHouse;
  kafka: Kafka;
  encoders: ReadonlyMap<string, Encode>;
  source: string;
  /** Processes that share the outbox have the same name, and nobody else has it: the database and the source, say. */
  exclusive: string;
  log: Log;
  /** Called at each labelled step of an event; chaos crashes here. */
  onStep?: (step: OutboxStep) => void | Promise<void>;
}): Promise<Outbox> {
  const { clickhouse, kafka, encoders, source, log } = args;
  const topics = [...encoders.keys()];
  let sequence = await highestSequence(clickhouse, topics);
  let producer: Producer | undefined;
  let doubtful = true;
  const inTurn = oneAtATime();

  async function put(events: readonly OutboxEvent[], fence?: Fence): Promise<void> {
    const distinct = [...new Map(events.map((event) => [event.eventId, event])).values()];
    if (distinct.length === 0) return;
    const ids = distinct.map((event) => event.eventId);
    const known = new Set(
      (await clickhouse.rows('outbox-known', { topics, ids }, ID)).map((row) => row.event_id),
    );
    const fresh = distinct.filter((event) => !known.has(event.eventId));
    for (const event of fresh) encoderOf(encoders, event.topic);
    await clickhouse.insert(
      'outbox',
      fresh.map((event, index) => rowOf(event, sequence + index + 1)),
      fence,
    );
    sequence += fresh.length;
    if (fresh.length > 0) await args.onStep?.('outbox-written');
  }

  async function publish(): Promise<number> {
    let sent = 0;
    for (let refusals = 0; ; ) {
      const rows = await clickhouse.rows('outbox-pending', { topics }, PENDING);
      if (rows.length === 0) break;
      if (doubtful || producer === undefined) {
        await shutOutOthers();
        await markWhatIsThere(rows);
        doubtful = false;
        continue;
      }
      const { published, refused } = await sendEach(producer, rows);
      sent += published;
      if (refused === undefined) continue;
      // Most likely another process has shut this one out in order to publish for a model of its own.
      refusals += 1;
      if (refusals >= PATIENCE) throw refused;
      log.info({ event: 'outbox.refused', cause: refused }, REFUSED);
    }
    return sent;
  }

  async function shutOutOthers(): Promise<void> {
    const before = producer;
    producer = undefined;
    await before?.close();
    producer = await kafka.producer({ exclusive: args.exclusive });
  }

  /** After a start or a doubtful send: what the topics' tails already hold is marked, not sent. */
  async function markWhatIsThere(rows: readonly Pending[]): Promise<void> {
    const wanted = new Set(rows.map((row) => row.event_id));
    for (const topic of new Set(rows.map((row) => row.topic))) {
      const found = await readBack({ clickhouse, kafka, topic, wanted });
      if (found.length > 0) log.info({ event: 'outbox.found', topic, events: found.length }, FOUND);
      await clickhouse.insert('outbox_marks', found);
    }
  }

  /** Sends in order until a send is refused, after which it is not known what became of it. */
  async function sendEach(
    through: Producer,
    rows: readonly Pending[],
  ): Promise<{ published: number; refused?: unknown }> {
    let published = 0;
    for (const row of rows) {
      const value = encoderOf(encoders, row.topic)(recordOf(row.body));
      const message = { topic: row.topic, key: row.key, value, headers: headersOf(row, source) };
      doubtful = true;
      let where: Sent | undefined;
      try {
        [where] = await through.send([message]);
      } catch (refused) {
        return { published, refused };
      }
      if (where === undefined) throw noAnswer(row.topic);
      published += 1;
      await args.onStep?.('published');
      log.debug({ event: 'outbox.sent', eventId: row.event_id, ...where }, 'Event sent');
      await clickhouse.insert('outbox_marks', [
        { event_id: row.event_id, topic: row.topic, partition: where.partition, offset: where.baseOffset },
      ]);
      doubtful = false;
      await args.onStep?.('marked');
      log.info({ event: 'outbox.published', eventId: row.event_id, ...where }, PUBLISHED);
    }
    return { published };
  }

  return {
    put: (events, fence) => inTurn(() => put(events, fence)),
    publish: () => inTurn(publish),
    close: () => inTurn(async () => producer?.close()),
  };
}

/** CloudEvents 1.0, Kafka binding, binary mode. */
function headersOf(row: Pending, source: string): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: row.event_id,
    ce_source: source,
    ce_type: row.type,
    ce_time: new Date(row.event_time).toISOString(),
    'content-type': 'application/avro',
  };
}

/** Marks for those of the wanted events that are on the topic after its newest mark. */
async function readBack(args: {
  clickhouse: ClickHouse;
  kafka: Kafka;
  topic: string;
  wanted: ReadonlySet<string>;
}): Promise<Mark[]> {
  const marks = await args.clickhouse.rows('outbox-last-marks', { topic: args.topic }, LAST_MARK);
  const from = new Map(marks.map((mark) => [mark.partition, mark.last + 1]));
  const found: Mark[] = [];
  const follower = await args.kafka.follow({
    topic: args.topic,
    from,
    async onMessage({ topic, partition, offset, headers }) {
      const id = headers['ce_id'];
      if (id !== undefined && args.wanted.has(id)) found.push({ event_id: id, topic, partition, offset });
    },
  });
  try {
    await follower.caughtUp;
  } finally {
    await follower.close();
  }
  return found;
}

async function highestSequence(clickhouse: ClickHouse, topics: readonly string[]): Promise<number> {
  const [row] = await clickhouse.rows('outbox-sequence', { topics }, z.object({ sequence: count }));
  return row?.sequence ?? 0;
}

function rowOf(event: OutboxEvent, sequence: number): Record<string, unknown> {
  return {
    event_id: event.eventId,
    sequence,
    topic: event.topic,
    key: event.key,
    type: event.type,
    event_time: new Date(event.eventTimeMs).toISOString(),
    body: JSON.stringify(event.value),
  };
}

function recordOf(body: string): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(JSON.parse(body));
}

function encoderOf(encoders: ReadonlyMap<string, Encode>, topic: string): Encode {
  const encode = encoders.get(topic);
  if (encode !== undefined) return encode;
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `An event for the topic ${topic} was put into an outbox that does not publish to it.`,
    next: 'Name the topic where the outbox is opened.',
  });
}

function noAnswer(topic: string): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `The broker acknowledged a message to ${topic} without saying where it is.`,
    next: 'The Kafka port must answer one place per topic and partition.',
  });
}

type Mark = { event_id: string; topic: string; partition: number; offset: number };
type Pending = z.infer<typeof PENDING>;
const ID = z.object({ event_id: z.string() });
const LAST_MARK = z.object({ partition: count, last: count });
const PENDING = z.object({
  event_id: z.string(),
  topic: z.string(),
  key: z.string(),
  type: z.string(),
  event_time: instant,
  body: z.string(),
});
const FOUND = 'Events were on their topic already and are not sent again';
const PUBLISHED = 'Event published';
const REFUSED = 'A send was refused; the topic is read back before the next';
/** Refusals in one call after which the caller hears of it. */
const PATIENCE = 3;
