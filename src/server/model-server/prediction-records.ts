import type { AvroDefinition } from '../../core/avro/definition.ts';
import type { Contract } from '../../core/contract/contract.ts';
import { fieldOf } from '../../core/contract/model-inputs.ts';
import { PRODUCER_VERSION } from '../../core/contract/producer-version.ts';
import type { Outgoing } from '../../io/kafka/port.ts';

/** One model as it is served: its contract and the schema its predictions are logged with. */
export interface ServedModel {
  readonly contract: Contract;
  readonly definition: AvroDefinition;
  /** Id of `definition` in the registry. */
  readonly schemaId: number;
}

/**
 * The serving records of answered requests, ready to send: features as received, prediction, version. Who asked is in
 * the header of producer versions as well.
 */
export function predictionRecords(args: {
  served: ServedModel;
  encode: (value: Record<string, unknown>) => Buffer;
  records: readonly Readonly<Record<string, unknown>>[];
  predictions: Float32Array;
  version: string;
  latencyMs: number;
  producer: string;
}): Outgoing[] {
  const { contract } = args.served;
  const id = fieldOf(contract, 'id')?.name ?? '';
  const prediction = fieldOf(contract, 'prediction')?.name;
  const version = fieldOf(contract, 'version')?.name;
  const names = new Set(contract.fields.map((field) => field.name));
  const shared = new Map<string, unknown>([
    ['latency_ms', args.latencyMs],
    ['producer', args.producer],
  ]);
  const filled = Object.fromEntries([...shared].filter(([name]) => names.has(name)));
  return args.records.map((record, row) => ({
    topic: contract.topic,
    key: String(record[id]),
    ...(args.producer === UNKNOWN_PRODUCER ? {} : { headers: { [PRODUCER_VERSION]: args.producer } }),
    value: args.encode({
      ...record,
      ...filled,
      ...(prediction === undefined ? {} : { [prediction]: args.predictions[row] ?? Number.NaN }),
      ...(version === undefined ? {} : { [version]: args.version }),
    }),
  }));
}

/** Who asks without saying who. */
export const UNKNOWN_PRODUCER = 'unknown';
