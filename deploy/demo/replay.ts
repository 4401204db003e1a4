import { z } from 'zod';
import { eventId } from '../../src/core/uuid.ts';
import { DriftwatchError } from '../../src/errors.ts';
import { count, instant } from '../../src/io/clickhouse/columns.ts';
import type { Producer } from '../../src/io/kafka/port.ts';
import { modelTopic, retrainRequests } from '../../topics/index.ts';
import type { Flight, FlightYear } from './flights.ts';
import { injectFaults } from './inject.ts';
import { type DemoPorts, MODEL, type Registered } from './ports.ts';
import { produce } from './produce.ts';
import { exampleOf, labelRecord, trainingRecord } from './records.ts';
import { score } from './score.ts';
import { CELSIUS, isOn, STORY_ENDS, TRAINING_ENDS } from './story.ts';
import { until, untilAnswered, untilJudged, untilServed } from './wait.ts';

/**
 * Replays the year as its producers would: training examples of January and February, then day by day the
 * predictions at scheduled departure, the labels and training examples of what has landed, and the faults of
 * the story. A day is produced while the day before is judged, and never further ahead, so a replay gives
 * the same findings at any speed. A replay that was broken off goes on where it stopped: what is stored already is not sent again.
 */
export async function replay(args: {
  ports: DemoPorts;
  year: FlightYear;
  schemas: DemoSchemas;
  onDay(day: { eventTimeMs: number; produced: number; happenings: number }): void | Promise<void>;
  onEvent(event: StoryEvent): void;
}): Promise<{ produced: number }> {
  const { ports, year, schemas } = args;
  const producer = await ports.kafka.producer();
  const landings = landingOrder(year);
  let produced = 0;
  try {
    args.onEvent({
      atMs: year.departures[0] ?? 0,
      text: 'January and February are logged to training.flights',
    });
    const logged = await idsBetween(ports, `training_${MODEL}`, 0, TRAINING_ENDS);
    const first = trainingFlights(year, landings).filter((flight) => !logged.has(flight.flight_id));
    produced += await logTraining({ ports, producer, schemas, flights: first });
    await untilStored(ports);
    await firstModel(ports, producer, schemas, year);
    const version = await untilServed(ports);
    args.onEvent({ atMs: TRAINING_ENDS, text: `${version} serves; the year goes on day by day` });
    const beginMs = await resumeDay(ports);
    let judging: Promise<void> = Promise.resolve();
    let departure = indexFrom(year.departures, beginMs);
    let landing = landings.findIndex(({ landedMs }) => landedMs >= beginMs);
    for (let dayMs = beginMs; dayMs < STORY_ENDS; dayMs += DAY) {
      const untilMs = dayMs + DAY;
      const departures: Flight[] = [];
      while (departure < year.rows && (year.departures[departure] ?? 0) < untilMs)
        departures.push(year.flight(departure++));
      const landed: Flight[] = [];
      while (landing < landings.length && (landings[landing]?.landedMs ?? 0) < untilMs) {
        const row = landings[landing++]?.row ?? 0;
        if ((year.departures[row] ?? 0) >= TRAINING_ENDS) landed.push(year.flight(row));
      }
      const resumed = dayMs === beginMs;
      produced += await playDay({ ...args, producer, dayMs, departures, landed, resumed });
      // While this day is taken in and judged the next one is produced; what the day before asked for is
      // answered first, so that every day is scored by the same version however fast the machine is.
      await judging;
      const happenings = await untilAnswered(ports, dayMs - DAY);
      judging = untilJudged(ports, TOPICS);
      // It is waited for a day later; a failure until then is not unheard of.
      judging.catch(() => undefined);
      await args.onDay({ eventTimeMs: untilMs, produced, happenings });
    }
    await judging;
    const happenings = await untilAnswered(ports, STORY_ENDS);
    await args.onDay({ eventTimeMs: STORY_ENDS, produced, happenings });
    return { produced };
  } finally {
    await producer.close();
  }
}

export interface DemoSchemas {
  readonly training: Registered;
  readonly serving: Registered;
  readonly labels: Registered;
  readonly retrainRequest: Registered;
}

export interface StoryEvent {
  readonly atMs: number;
  readonly text: string;
}

/** One day: predictions, faults, labels, training examples. Returns the messages that were acknowledged. */
async function playDay(args: {
  ports: DemoPorts;
  producer: Producer;
  schemas: DemoSchemas;
  dayMs: number;
  departures: readonly Flight[];
  landed: readonly Flight[];
  /** The day may have been begun by an earlier replay. */
  resumed: boolean;
  onEvent(event: StoryEvent): void;
}): Promise<number> {
  const { ports, producer, schemas, dayMs } = args;
  const stored = args.resumed ? await storedIds(ports, dayMs) : NOTHING_STORED;
  const departures = args.departures.filter((flight) => !stored.serving.has(flight.flight_id));
  const faults = await injectFaults({ ...args, departures });
  const isCelsius = ({ origin, scheduled_departure }: Flight) =>
    origin === 'JFK' && isOn(CELSIUS, scheduled_departure);
  const asked = departures.filter((flight) => !faults.handled.has(flight.flight_id));
  for (const celsius of [false, true]) {
    const examples = asked
      .filter((flight) => isCelsius(flight) === celsius)
      .map((flight) => exampleOf(flight, celsius));
    await score({ ports, examples, producer: `airport-scorer ${celsius ? '3.2' : '3.1'}`, log: true });
  }
  const labels = args.landed
    .filter((flight) => !stored.labels.has(flight.flight_id))
    .map((flight) => labelRecord(flight, flight.landed ?? dayMs));
  const labelled = await produce({
    ports,
    producer,
    topic: LABELS,
    schema: schemas.labels,
    version: 'arrivals 1.0',
    records: labels,
  });
  const examplesToLog = args.landed.filter((flight) => !stored.training.has(flight.flight_id));
  const trained = await logTraining({ ports, producer, schemas, flights: examplesToLog });
  return asked.length + faults.produced + labelled + trained;
}

async function logTraining(args: {
  ports: DemoPorts;
  producer: Producer;
  schemas: DemoSchemas;
  flights: readonly Flight[];
}): Promise<number> {
  const { ports, producer, schemas } = args;
  return produce({
    ports,
    producer,
    topic: TRAINING,
    schema: schemas.training,
    version: 'feature-store 5.0',
    records: args.flights.map(trainingRecord),
  });
}

/** A person asks for the first training; later ones are asked for by the retrain rule and by incidents. */
async function firstModel(
  ports: DemoPorts,
  producer: Producer,
  schemas: DemoSchemas,
  year: FlightYear,
): Promise<void> {
  const id = eventId('retrain-request', MODEL, 'first model of the demo');
  const value = {
    request_id: id,
    model: MODEL,
    incident_id: null,
    cause: 'first model',
    requested: TRAINING_ENDS,
    train_from: Math.floor((year.departures[0] ?? 0) / DAY) * DAY,
    train_until: TRAINING_ENDS,
  };
  const { schemaId, definition } = schemas.retrainRequest;
  const known = await ports.clickhouse.rows(
    'request-decision',
    { model: MODEL, request_id: id },
    z.object({ status: z.string() }),
  );
  if (known.length === 0) {
    await producer.send([
      {
        topic: retrainRequests.name,
        key: id,
        value: ports.codec.encode(schemaId, definition, value),
        headers: {
          ce_id: id,
          ce_type: 'driftwatch.retrain-request',
          ce_source: '/driftwatch/demo',
          ce_specversion: '1.0',
          'content-type': 'application/avro',
        },
      },
    ]);
  }
  await until(ports, 'the trainer to train the first model', async () => {
    const [row] = await ports.clickhouse.rows(
      'request-decision',
      { model: MODEL, request_id: id },
      z.object({ status: z.string(), reasons: z.array(z.string()) }),
    );
    if (row === undefined) return false;
    if (row.status === 'accepted') return true;
    throw new DriftwatchError({
      code: 'MODEL_REJECTED',
      message: `The first model was rejected: ${row.reasons.join('; ')}.`,
      next: 'The log of the trainer says more.',
    });
  });
}

/** Ids of the day that are stored already: some, when an earlier replay was broken off in this day. */
async function storedIds(ports: DemoPorts, dayMs: number): Promise<StoredIds> {
  const untilMs = dayMs + DAY;
  return {
    serving: await idsBetween(ports, `serving_${MODEL}`, dayMs, untilMs),
    labels: await idsBetween(ports, `labels_${MODEL}`, dayMs, untilMs),
    training: await idsBetween(ports, `training_${MODEL}`, dayMs - LONGEST_FLIGHT, untilMs),
  };
}

interface StoredIds {
  readonly serving: ReadonlySet<string>;
  readonly labels: ReadonlySet<string>;
  readonly training: ReadonlySet<string>;
}

async function idsBetween(
  ports: DemoPorts,
  table: string,
  fromMs: number,
  untilMs: number,
): Promise<Set<string>> {
  const params = { table, id: 'flight_id', from: new Date(fromMs), until: new Date(untilMs) };
  const rows = await ports.clickhouse.rows('ids-between', params, z.object({ id: z.string() }));
  return new Set(rows.map((row) => row.id));
}

/** The day to begin with: the first of the story, or the one in which an earlier replay was broken off. */
async function resumeDay(ports: DemoPorts): Promise<number> {
  const row = z.object({ event_time: instant, rows: count });
  const [last] = await ports.clickhouse.rows('last-row', { table: `serving_${MODEL}` }, row);
  if (last === undefined || last.rows === 0) return TRAINING_ENDS;
  return Math.max(TRAINING_ENDS, Math.floor(last.event_time / DAY) * DAY);
}

function trainingFlights(year: FlightYear, landings: readonly Landing[]): Flight[] {
  return landings
    .filter(({ row }) => (year.departures[row] ?? 0) < TRAINING_ENDS)
    .map(({ row }) => year.flight(row));
}

interface Landing {
  readonly row: number;
  readonly landedMs: number;
}

function landingOrder(year: FlightYear): Landing[] {
  const landed = year.landings.flatMap((landedMs, row) => (landedMs === null ? [] : [{ row, landedMs }]));
  return landed.sort((a, b) => a.landedMs - b.landedMs || a.row - b.row);
}

function indexFrom(sorted: readonly number[], wanted: number): number {
  const found = sorted.findIndex((value) => value >= wanted);
  return found < 0 ? sorted.length : found;
}

async function untilStored(ports: DemoPorts): Promise<void> {
  const [training] = TOPICS;
  const marks = await ports.kafka.watermarks(training ?? '');
  const total = marks.reduce((sum, { high }) => sum + high, 0);
  await until(ports, 'the training examples to be stored', async () => {
    const [row] = await ports.clickhouse.rows(
      'stored-floor',
      { topic: training },
      z.object({ floor: z.number() }),
    );
    return (row?.floor ?? 0) >= total;
  });
}

const DAY = 86_400_000;
/** From scheduled departure to landing, delays included. */
const LONGEST_FLIGHT = 3 * DAY;
const NOTHING_STORED: StoredIds = { serving: new Set(), labels: new Set(), training: new Set() };
const topicOf = (stream: 'training' | 'serving' | 'labels') =>
  modelTopic({ model: MODEL, stream, partitions: 1 }).name;
const TRAINING = topicOf('training');
const LABELS = topicOf('labels');
/** Topics of the model. */
export const TOPICS = [TRAINING, topicOf('serving'), LABELS];
