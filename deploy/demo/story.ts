/**
 * What goes wrong in the demo besides what 2013 does by itself. Each fault is injected by the replay and
 * labelled as injected; `shows` says which findings are its doing.
 */
export interface Fault {
  readonly name: string;
  readonly about: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly shows: readonly Shows[];
}

/** A finding is the fault's when every given part agrees and it began while the fault was on. */
export interface Shows {
  readonly kind: string;
  readonly feature?: string;
  readonly segment?: string;
  readonly class?: string;
}

const day = (month: number, date: number) => Date.UTC(2013, month - 1, date);

export const TRAINING_ENDS = day(3, 1);
export const STORY_ENDS = Date.UTC(2014, 0, 1);

/** A scorer at the edge that was built against an older idea of the record: distance as text. */
export const TEXT_DISTANCE = {
  name: 'distance as text',
  about:
    'Producer edge-scorer 2.0 sends distance_mi as a string; the registry refuses the schema, so it writes under a subject of its own',
  fromMs: day(4, 15),
  untilMs: day(4, 18),
  shows: [
    { kind: 'schema-skew', feature: 'distance_mi' },
    { kind: 'schema-skew', class: 'foreign-schema' },
  ],
} as const satisfies Fault;

/** A release of a producer that lost a field. */
export const NO_CARRIER = {
  name: 'carrier missing',
  about: 'Producer gate-scorer 1.4 logs records whose schema has no carrier',
  fromMs: day(6, 10),
  untilMs: day(6, 14),
  shows: [
    { kind: 'schema-skew', feature: 'carrier' },
    { kind: 'feature-skew', feature: 'carrier' },
    { kind: 'distribution-skew', feature: 'carrier' },
    { kind: 'data-drift', feature: 'carrier' },
  ],
} as const satisfies Fault;

/** A unit error on one serving path; the training path keeps logging Fahrenheit for the same flights. */
export const CELSIUS = {
  name: 'temperature in Celsius',
  about: 'The serving path of JFK sends temperature_f in Celsius',
  fromMs: day(8, 5),
  untilMs: day(8, 26),
  shows: [
    { kind: 'feature-skew', feature: 'temperature_f' },
    { kind: 'distribution-skew', feature: 'temperature_f', segment: 'origin=JFK' },
    { kind: 'data-drift', feature: 'temperature_f', segment: 'origin=JFK' },
  ],
} as const satisfies Fault;

/** Bytes that are no record at all. */
export const RANDOM_BYTES = {
  name: 'random bytes',
  about: 'A port scanner with a Kafka client: 60 messages of random bytes',
  fromMs: day(10, 8),
  untilMs: day(10, 9),
  shows: ['not-framed', 'unknown-schema', 'truncated', 'malformed', 'trailing-bytes', 'empty'].map(
    (name) => ({
      kind: 'schema-skew',
      class: name,
      feature: '',
    }),
  ),
} as const satisfies Fault;

export const FAULTS = [TEXT_DISTANCE, NO_CARRIER, CELSIUS, RANDOM_BYTES] as const satisfies readonly Fault[];

export function isOn(fault: Fault, eventTimeMs: number): boolean {
  return eventTimeMs >= fault.fromMs && eventTimeMs < fault.untilMs;
}

/** The injected fault that a finding shows; undefined when the year did it by itself. */
export function faultOf(finding: {
  kind: string;
  class: string;
  feature: string;
  segment: string;
  beganMs: number;
}): Fault | undefined {
  return FAULTS.find(
    (fault) =>
      finding.beganMs >= fault.fromMs - SLACK &&
      finding.beganMs < fault.untilMs + SLACK &&
      fault.shows.some(
        (shows: Shows) =>
          shows.kind === finding.kind &&
          (shows.feature === undefined || shows.feature === finding.feature) &&
          (shows.segment === undefined || shows.segment === finding.segment) &&
          (shows.class === undefined || shows.class === finding.class),
      ),
  );
}

/** A window is a day: a fault that begins within one is seen from its start. */
const SLACK = 86_400_000;
