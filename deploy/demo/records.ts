import type { AvroDefinition, AvroField, AvroRecord } from '../../src/core/avro/definition.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { Flight } from './flights.ts';

/** Features of a flight as both paths know them at its scheduled departure. */
export function featuresOf(flight: Flight): Record<string, string | number | null> {
  const { flight_id: _id, scheduled_departure: _at, landed: _landed, late: _late, ...features } = flight;
  return features;
}

/** What the model server is asked with. `celsius` is the unit fault. */
export function exampleOf(flight: Flight, celsius: boolean): Record<string, string | number | null> {
  const temperature = flight.temperature_f;
  const features = featuresOf(flight);
  if (celsius && temperature !== null) features['temperature_f'] = ((temperature - 32) * 5) / 9;
  return { flight_id: flight.flight_id, event_time: flight.scheduled_departure, ...features };
}

/** Training example: features and what came of it. Only flights that landed have one. */
export function trainingRecord(flight: Flight): Record<string, unknown> {
  return {
    flight_id: flight.flight_id,
    event_time: flight.scheduled_departure,
    ...featuresOf(flight),
    late: flight.late ?? 0,
  };
}

export function labelRecord(flight: Flight, landedMs: number): Record<string, unknown> {
  return { flight_id: flight.flight_id, event_time: landedMs, late: flight.late ?? 0 };
}

/** The schema of a producer that never heard of our attributes, with one field changed or left out. */
export function producerSchema(args: {
  contract: AvroDefinition;
  name: string;
  change: (field: AvroField) => AvroField | undefined;
}): AvroRecord {
  const record = asRecord(args.contract);
  const fields = record.fields.flatMap((field) => {
    const changed = args.change(field);
    if (changed === undefined) return [];
    const plain: AvroField = { name: changed.name, type: changed.type };
    return changed.default === undefined ? [plain] : [{ ...plain, default: changed.default }];
  });
  return {
    type: 'record',
    name: args.name,
    ...(record.namespace === undefined ? {} : { namespace: record.namespace }),
    fields,
  };
}

function asRecord(definition: AvroDefinition): AvroRecord {
  if (typeof definition === 'object' && 'type' in definition && definition.type === 'record')
    return definition;
  throw new DriftwatchError({
    code: 'CONTRACT_INVALID',
    message: 'The serving contract of the demo is not a record.',
    next: 'Restore deploy/demo/schemas.',
  });
}
