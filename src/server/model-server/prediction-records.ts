import type { AvroDefinition } from '../../core/avro/definition.ts';
import type { Contract } from '../../core/contract/contract.ts';
import { fieldOf } from '../../core/contract/model-inputs.ts';
import { PRODUCER_VERSION } from '../../core/contract/producer-version.ts';
import type { Answer } from '../../core/performance/answers.ts';
import type { Outgoing } from '../../io/kafka/port.ts';

/** One model as it is served: its contract and the schema its predictions are logged with. */
export interface ServedModel {
  readonly contract: Contract;
  readonly definition: AvroDefinition;
  /** Id of `definition` in the registry. */
  readonly schemaId: number;
}

/**
 * The serving records of answered requests, ready to send: features as received, prediction, of classes their
 * probabilities, version. Who asked is in the header of producer versions as well.
 */
export function predictionRecords(args: {
  served: ServedModel;
  encode: (value: Record<string, unknown>) => Buffer;
  records: readonly Readonly<Record<string, unknown>>[];
  answers: readonly Answer[];
  version: string;
  latencyMs: number;
  producer: string;
}): Outgoing[] {
  const { contract } = args.served;
  const id = fieldOf(contract, 'id')?.name ?? '';
  const prediction = fieldOf(contract, 'prediction')?.name;
  const probabilities = fieldOf(contract, 'probabilities')?.name;
  const version = fieldOf(contract, 'version')?.name;
  const fill = (answer: Answer): Record<string, unknown> => {
    const [said, chances] =
      typeof answer === 'number' ? [answer, undefined] : [answer.label, answer.probabilities];
    return {
      ...(prediction === undefined ? {} : { [prediction]: said }),
      ...(probabilities === undefined || chances === undefined ? {} : { [probabilities]: chances }),
    };
  };
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
      ...fill(args.answers[row] ?? Number.NaN),
      ...(version === undefined ? {} : { [version]: args.version }),
    }),
  }));
}

/** Who asks without saying who. */
export const UNKNOWN_PRODUCER = 'unknown';
