import { z } from 'zod';
import type { Stream } from '../../src/core/contract/contract.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import type { Kafka } from '../../src/io/kafka/port.ts';
import { alerts, modelReleases, retrainRequests } from '../../topics/index.ts';
import type { Topic } from '../../topics/topic.ts';
import type { LoopEvent } from './toy-loop.ts';

/** What a run ends with, in a form in which two runs of the same rows can be compared. */
export interface Outcome {
  readonly messages: number;
  readonly lost: number;
  readonly duplicated: number;
  /** One line per answer, without the revision and without names. */
  readonly history: readonly string[];
  readonly revisions: number;
  /** Alerts, retrain requests and releases, without ids and names. */
  readonly events: readonly string[];
  /** Events that are on their topic more than once under one ce_id. */
  readonly eventsTwice: number;
}

export async function outcomeOf(args: {
  clickhouse: ClickHouse;
  kafka: Kafka;
  events(topic: string): Promise<readonly LoopEvent[]>;
  model: string;
  topics: Readonly<Record<Stream, Topic>>;
}): Promise<Outcome> {
  const { clickhouse, kafka, model } = args;
  const names = Object.values(args.topics).map(({ name }) => name);
  let messages = 0;
  for (const name of names) for (const { low, high } of await kafka.watermarks(name)) messages += high - low;
  const [sums] = await clickhouse.rows('summary-accounting', { topics: names }, SUMS);
  const explained = sums === undefined ? 0 : sums.stored + sums.dead_letters + sums.tombstones;
  let copies = 0;
  for (const name of names) {
    const [row] = await clickhouse.rows('chaos-copies', { table: name.replace('.', '_') }, COPIES);
    copies += (row?.rows ?? 0) - (row?.offsets ?? 0);
  }
  const rows = await clickhouse.rows('chaos-history', { model }, ANSWER);
  const plain = (value: unknown) => JSON.stringify(value).replaceAll(model, 'toy');
  const events: string[] = [];
  const seen = new Map<string, number>();
  for (const topic of [alerts.name, retrainRequests.name, modelReleases.name]) {
    for (const { id, value } of await args.events(topic)) {
      seen.set(id, (seen.get(id) ?? 0) + 1);
      if (seen.get(id) === 1) events.push(plain({ topic, ...withoutIds(value) }));
    }
  }
  return {
    messages,
    lost: Math.max(0, messages - explained) + Math.abs(sums?.unexplained ?? 0),
    duplicated: copies + Math.max(0, explained - messages),
    history: rows.map(({ revision: _, ...row }) => plain(row)),
    revisions: rows.filter(({ revision }) => revision > 0).length,
    events: events.toSorted(),
    eventsTwice: [...seen.values()].reduce((sum, times) => sum + times - 1, 0),
  };
}

/** Lines of one list that the other does not have, each as often as it lacks them. */
export function missingFrom(other: readonly string[], all: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of other) left.set(line, (left.get(line) ?? 0) + 1);
  return all.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}

/** Ids are made from the model's name. */
function withoutIds(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const text = JSON.stringify(value).replaceAll(UUID, 'id');
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const SUMS = z.object({
  stored: z.number(),
  dead_letters: z.number(),
  tombstones: z.number(),
  unexplained: z.number(),
});
const COPIES = z.object({ rows: z.number(), offsets: z.number() });
const ANSWER = z.looseObject({ revision: z.number() });
