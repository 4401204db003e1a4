import { sentence } from '../../src/errors.ts';
import type { Producer } from '../../src/io/kafka/port.ts';
import { modelTopic } from '../../topics/index.ts';
import type { Flight } from './flights.ts';
import { type DemoPorts, MODEL, type Registered } from './ports.ts';
import { produce } from './produce.ts';
import { randomBytesFrom } from './random-bytes.ts';
import { exampleOf, producerSchema } from './records.ts';
import type { DemoSchemas, StoryEvent } from './replay.ts';
import { score } from './score.ts';
import { CELSIUS, isOn, NO_CARRIER, RANDOM_BYTES, TEXT_DISTANCE } from './story.ts';

/**
 * The producer faults of one day. Flights that a faulty producer logs are scored by the server without
 * being logged by it. Returns their ids and the messages that were acknowledged.
 */
export async function injectFaults(args: {
  ports: DemoPorts;
  producer: Producer;
  schemas: DemoSchemas;
  dayMs: number;
  departures: readonly Flight[];
  onEvent(event: StoryEvent): void;
}): Promise<{ handled: ReadonlySet<string>; produced: number }> {
  const { ports, producer, dayMs, departures } = args;
  const handled = new Set<string>();
  let produced = 0;
  if (dayMs === CELSIUS.fromMs) args.onEvent({ atMs: dayMs, text: `injected: ${CELSIUS.about}` });
  for (const fault of [TEXT_DISTANCE, NO_CARRIER]) {
    if (!isOn(fault, dayMs)) continue;
    if (dayMs === fault.fromMs) args.onEvent({ atMs: dayMs, text: `injected: ${fault.about}` });
    const text = fault === TEXT_DISTANCE;
    const flights = departures.filter((_, index) => index % (text ? 25 : 8) === 3);
    const schema = await (text ? textDistanceSchema(args) : noCarrierSchema(args));
    const name = text ? 'edge-scorer 2.0' : 'gate-scorer 1.4';
    produced += await logAs({ ...args, flights, schema, name, text });
    for (const flight of flights) handled.add(flight.flight_id);
  }
  if (isOn(RANDOM_BYTES, dayMs)) {
    args.onEvent({ atMs: dayMs, text: `injected: ${RANDOM_BYTES.about}` });
    await producer.send(
      randomBytesFrom(60).map((value, index) => ({ topic: SERVING, key: `noise-${index}`, value })),
    );
    produced += 60;
  }
  if (dayMs === DELETION) {
    const gone = departures
      .slice(0, 3)
      .map((flight) => ({ topic: SERVING, key: flight.flight_id, value: null }));
    await producer.send(gone);
    produced += gone.length;
  }
  ports.signal.throwIfAborted();
  return { handled, produced };
}

/** Scores flights without the server's log and logs them in the faulty producer's own way. */
async function logAs(args: {
  ports: DemoPorts;
  producer: Producer;
  flights: readonly Flight[];
  schema: Registered;
  name: string;
  text: boolean;
}): Promise<number> {
  const { ports, producer, flights, schema } = args;
  const examples = flights.map((flight) => exampleOf(flight, false));
  const answers = await score({ ports, examples, producer: args.name, log: false });
  const records = examples.map((example, index) => {
    const answer = answers[index];
    const own = {
      prediction: answer?.prediction ?? 0,
      model_version: answer?.version ?? '',
      latency_ms: 1,
      producer: args.name,
    };
    const record: Record<string, unknown> = { ...example, ...own };
    if (args.text) record['distance_mi'] = `${example['distance_mi'] ?? 0} mi`;
    else delete record['carrier'];
    return record;
  });
  return produce({ ports, producer, topic: SERVING, schema, version: args.name, records });
}

/** The registry refuses the changed type under the proper subject; the producer then takes a subject of its own. */
async function textDistanceSchema(args: {
  ports: DemoPorts;
  schemas: DemoSchemas;
  dayMs: number;
  onEvent(event: StoryEvent): void;
}): Promise<Registered> {
  const definition = producerSchema({
    contract: args.schemas.serving.definition,
    name: 'ServingFlight',
    change: (field) => (field.name === 'distance_mi' ? { name: 'distance_mi', type: 'string' } : field),
  });
  const { registry } = args.ports;
  try {
    await registry.register({ subject: SUBJECT, definition });
    args.onEvent({
      atMs: args.dayMs,
      text: 'the registry took the schema with distance as text: its compatibility level is off',
    });
  } catch (refusal) {
    if (args.dayMs === TEXT_DISTANCE.fromMs)
      args.onEvent({ atMs: args.dayMs, text: `the registry refuses it: ${sentence(refusal)}` });
  }
  return {
    definition,
    schemaId: await registry.register({ subject: 'edge-scorer-value', definition, compatibility: 'NONE' }),
  };
}

async function noCarrierSchema(args: { ports: DemoPorts; schemas: DemoSchemas }): Promise<Registered> {
  const definition = producerSchema({
    contract: args.schemas.serving.definition,
    name: 'ServingFlight',
    change: (field) => (field.name === 'carrier' ? undefined : field),
  });
  return { definition, schemaId: await args.ports.registry.register({ subject: SUBJECT, definition }) };
}

const { name: SERVING, subject: SUBJECT } = modelTopic({ model: MODEL, stream: 'serving', partitions: 1 });
/** Three passengers ask to be forgotten: tombstones. */
const DELETION = Date.UTC(2013, 10, 12);
