import { setImmediate as nextTurn } from 'node:timers/promises';
import { type SchemaVerdict, schemaIdOf } from '../../processors/ingest/classify.ts';
import { createSchemaJudge } from '../../processors/ingest/judge-schemas.ts';
import { type Plan, planBatch } from '../../processors/ingest/plan.ts';
import { frame } from '../core/avro/frame.ts';
import { compileWalker } from '../core/avro/walker.ts';
import { parseContract } from '../core/contract/parse-contract.ts';
import { EXAMPLE_SCHEMA, FIRST_MS } from '../core/evaluation/hostile/example.ts';
import { FAMILIES } from '../core/evaluation/hostile/families.ts';
import { EXAMPLE_ID, type Family, type Hostile, TREE_ID } from '../core/evaluation/hostile/hostile.ts';
import { hostileSchema } from '../core/evaluation/hostile/hostile-schemas.ts';
import { TREE_SCHEMA } from '../core/evaluation/hostile/tree.ts';
import { type Random, randomBelow, seededRandom } from '../core/random.ts';
import { DriftwatchError, sentence } from '../errors.ts';
import type { Message } from '../io/kafka/port.ts';
import { BOMBS, bombs } from './fuzz-bombs.ts';
import { openReader } from './fuzz-reader.ts';
import { hostileRegistry } from './fuzz-registry.ts';
import { openStallMeter } from './fuzz-stall.ts';

export interface FuzzReport {
  /** All but those of the record batches, which hold half a million each. */
  readonly messages: number;
  readonly families: Readonly<Record<string, FamilyCount>>;
  readonly wrong: number;
  readonly crashes: number;
  /** Processor time between two turns of the event loop at most; `wall` is the same by the clock. */
  readonly stall_ms_p100: number;
  /** The same per family, and of batches in which the families are mixed. */
  readonly stall_ms: Readonly<Record<string, number>>;
  readonly stall_wall_ms_p100: number;
  readonly rss_growth_mb: number;
  /** The first few of what was wrong, in words. */
  readonly first: readonly string[];
}

interface FamilyCount {
  sent: number;
  rows: number;
  dead_letters: number;
}

/**
 * Runs so many hostile messages through classify, walk, plan and container, in batches of the size that
 * ingest takes. Making them and reading them independently is not part of the stall.
 */
export async function runFuzz(args: { messages: number; seed: number }): Promise<FuzzReport> {
  const random = seededRandom(args.seed);
  const families: Record<string, FamilyCount> = {};
  const first: string[] = [];
  let wrong = 0;
  let crashes = 0;
  const meter = openStallMeter();
  const reader = openReader(EXAMPLE_SCHEMA, EXAMPLE_ID);
  const registry = hostileRegistry();
  const judge = createSchemaJudge({
    registry,
    source: { contract: CONTRACT, topic: CONTRACT.topic },
    clock: CLOCK,
  });
  const tree: readonly [number, SchemaVerdict] = [
    TREE_ID,
    { status: 'usable', walker: compileWalker(TREE_SCHEMA) },
  ];

  function complain(text: string): void {
    if (first.length < 10) first.push(text);
  }

  function bad(text: string): void {
    wrong += 1;
    complain(text);
  }

  function countOf(name: string): FamilyCount {
    const count = families[name] ?? { sent: 0, rows: 0, dead_letters: 0 };
    families[name] = count;
    return count;
  }

  async function planned(messages: readonly Message[]): Promise<Plan> {
    const ids = messages.flatMap((message) => schemaIdOf(message) ?? []).filter((id) => id !== TREE_ID);
    const { verdicts, owed } = await judge.judge(ids);
    if (owed.size > 0) throw new Error('the registry owes an answer that it gave');
    const plan = planBatch({
      messages,
      verdicts: new Map([...verdicts, tree]),
      stored: [],
      maxEventTimeMs: undefined,
      maxFutureMs: MAX_FUTURE_MS,
    });
    for (const { schemaId, rows } of plan.inserts) {
      const container = judge.schema(schemaId)?.container;
      container?.build(rows.map(({ offset, value }) => ({ partition: 0, offset, value })));
    }
    return plan;
  }

  async function take(batch: readonly Sent[], families: string): Promise<void> {
    const messages = batch.map(({ hostile }, offset) => messageOf(hostile, offset));
    let plan: Plan;
    try {
      plan = await meter.measure(families, () => planned(messages));
    } catch (error) {
      if (batch.length > 1) {
        for (const one of batch) await take([one], families);
        return;
      }
      crashes += 1;
      complain(`${batch[0]?.family ?? ''}: threw ${sentence(error)}`);
      return;
    }
    const became = new Map<number, 'row' | 'dead-letter' | 'tombstone'>();
    for (const { rows } of plan.inserts) for (const { offset } of rows) became.set(offset, 'row');
    for (const { message } of plan.deadLetters) became.set(message.offset, 'dead-letter');
    for (const { offset } of plan.tombstones) became.set(offset, 'tombstone');
    for (const [offset, { family, hostile }] of batch.entries()) {
      const count = countOf(family);
      const now = became.get(offset);
      count.sent += 1;
      if (now === 'row') count.rows += 1;
      if (now === 'dead-letter') count.dead_letters += 1;
      const truth = hostile.truth === 'by-reading' ? reader.verdict(hostile.value) : hostile.truth;
      if (now === truth) continue;
      wrong += 1;
      complain(`${family}: ${hex(hostile.value)} became ${now ?? 'nothing'}, expected ${truth}`);
    }
    if ((plan.maxEventTimeMs ?? 0) > APPENDED_MS + MAX_FUTURE_MS) {
      wrong += 1;
      complain(`the watermark went to ${plan.maxEventTimeMs}`);
    }
  }

  async function schemas(n: number): Promise<void> {
    for (let i = 0; i < n; i += 1) {
      const id = registry.hold(hostileSchema(random));
      const bodies = [
        new Uint8Array(0),
        new Uint8Array(20),
        Uint8Array.from({ length: 2_000 }, () => randomBelow(random, 256)),
      ];
      const messages = bodies.map((body, offset) =>
        messageOf({ value: frame(id, body), truth: 'dead-letter' }, offset),
      );
      const count = countOf('hostile-schemas');
      try {
        const plan = await meter.measure('hostile-schemas', async () => {
          const made = await planned(messages);
          // What looks for the event time of a refused message walks it as well.
          const { walker } = judge.schema(id) ?? {};
          for (const { value } of messages) if (value !== null) walker?.walk(value, 5);
          return made;
        });
        count.sent += messages.length;
        count.rows += plan.rows;
        count.dead_letters += plan.letters;
        if (plan.rows + plan.letters === messages.length) continue;
        wrong += 1;
        complain('hostile-schemas: a message is neither row nor dead letter');
      } catch (error) {
        crashes += 1;
        complain(`hostile-schemas: threw ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  const schemaCount = Math.min(600, Math.ceil(args.messages / 1_000));
  const bombCount = Math.ceil(args.messages / 5_000);
  const rounds = 10;
  let rssBefore = 0;
  let done = 0;
  for (let round = 0; round < rounds; round += 1) {
    await schemas(Math.ceil(schemaCount / rounds));
    const until = Math.floor((args.messages * (round + 1)) / rounds);
    const own = Math.floor((until - done) / 2 / FAMILIES.length);
    // Half of them each family for itself, so that its stall is its own, then all mixed.
    for (const alone of [...FAMILIES, undefined]) {
      const end = alone === undefined ? until : done + own;
      while (done < end) {
        const batch = batchOf(random, alone, Math.min(BATCH, end - done));
        await take(batch, alone?.name ?? 'mixed');
        done += batch.length;
        await nextTurn();
      }
    }
    if (round === 0) {
      families[BOMBS] = await bombs({ bombs: bombCount, meter, complain: bad });
      rssBefore = process.memoryUsage.rss();
    }
  }
  if (Object.keys(Object.prototype).length > 0 || 'polluted' in {}) {
    wrong += 1;
    complain('Object.prototype has gained a property');
  }
  const stalls = Object.fromEntries([...meter.longestMs()].map(([name, ms]) => [name, Math.round(ms)]));
  const alone = Object.entries(families).filter(([name]) => name !== BOMBS);
  const sent = alone.reduce((sum, [, count]) => sum + count.sent, 0);
  return {
    messages: sent,
    families,
    wrong,
    crashes,
    stall_ms_p100: Math.max(0, ...Object.values(stalls)),
    stall_ms: stalls,
    stall_wall_ms_p100: Math.round(meter.longestWallMs()),
    rss_growth_mb: Math.round((process.memoryUsage.rss() - rssBefore) / 1_048_576),
    first,
  };
}

interface Sent {
  readonly family: string;
  readonly hostile: Hostile;
}

/** Messages of one family, or of all. */
function batchOf(random: Random, alone: Family | undefined, most: number): Sent[] {
  const batch: Sent[] = [];
  for (let bytes = 0; batch.length < most && bytes < BATCH_BYTES; ) {
    const family = alone ?? FAMILIES[randomBelow(random, FAMILIES.length)];
    if (family === undefined) throw noFamily();
    const hostile = family.make(random);
    bytes += hostile.value?.length ?? 0;
    batch.push({ family: family.name, hostile });
  }
  return batch;
}

/** As ingest takes them: see DEFAULT_LIMITS. */
const BATCH = 50_000;
const BATCH_BYTES = 2 * 1024 * 1024;
const MAX_FUTURE_MS = 3_600_000;
const APPENDED_MS = FIRST_MS + 86_400_000;
const CLOCK = { now: () => APPENDED_MS, sleep: async () => undefined };
const CONTRACT = contract();

function contract() {
  const topic = 'training.hostile';
  const parsed = parseContract({
    model: 'hostile',
    stream: 'training',
    topic,
    subject: `${topic}-value`,
    definition: EXAMPLE_SCHEMA,
  });
  if (parsed.status === 'ok') return parsed.contract;
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `The example of the hostile messages is no contract: ${parsed.problems.join(' ')}`,
    next: 'Mend EXAMPLE_SCHEMA.',
  });
}

function messageOf(hostile: Hostile, offset: number): Message {
  const { value } = hostile;
  return {
    topic: CONTRACT.topic,
    partition: 0,
    offset,
    key: null,
    value: value === null ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    timestampMs: APPENDED_MS,
    headers: {},
  };
}

function hex(value: Uint8Array | null): string {
  return value === null ? 'null' : Buffer.from(value).toString('hex').slice(0, 120);
}

function noFamily(): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: 'A family was drawn that does not exist.',
    next: 'Look at randomBelow.',
  });
}
