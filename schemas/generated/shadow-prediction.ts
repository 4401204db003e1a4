// Generated from schemas/avro/shadow-prediction.avsc by `npm run generate`. Change the schema, not this file.
import type { AvroDefinition } from '../../src/core/avro/definition.ts';
import {
  readNumber,
  readNumberList,
  readText,
  readTextList,
  readWhole,
} from '../../src/core/avro/read-value.ts';

/** What a shadow version would have answered. */
export interface ShadowPrediction {
  /** Model. */
  readonly model: string;
  /** Shadow version that scored the example. */
  readonly version: string;
  /** Example, as in the serving record of the answer. */
  readonly example_id: string;
  /** Event time of the example (milliseconds since 1970). */
  readonly event_time: number;
  /** Its prediction; of classes the probability of the likeliest. */
  readonly prediction: number;
  /** Of a model of classes: the classes it knows. */
  readonly classes: readonly string[];
  /** Probability of each of classes. */
  readonly probabilities: readonly number[];
}

/** The Avro schema of ShadowPrediction, as it is registered. */
export const SHADOW_PREDICTION_DEFINITION = {
  type: 'record',
  name: 'ShadowPrediction',
  namespace: 'driftwatch',
  doc: 'What a shadow version would have answered.',
  fields: [
    {
      name: 'model',
      type: 'string',
      doc: 'Model',
    },
    {
      name: 'version',
      type: 'string',
      doc: 'Shadow version that scored the example',
    },
    {
      name: 'example_id',
      type: 'string',
      doc: 'Example, as in the serving record of the answer',
    },
    {
      name: 'event_time',
      type: {
        type: 'long',
        logicalType: 'timestamp-millis',
      },
      doc: 'Event time of the example',
    },
    {
      name: 'prediction',
      type: 'double',
      doc: 'Its prediction; of classes the probability of the likeliest',
    },
    {
      name: 'classes',
      type: {
        type: 'array',
        items: 'string',
      },
      doc: 'Of a model of classes: the classes it knows',
      default: [],
    },
    {
      name: 'probabilities',
      type: {
        type: 'array',
        items: 'double',
      },
      doc: 'Probability of each of classes',
      default: [],
    },
  ],
} as const satisfies AvroDefinition;

/** Checks the types of a decoded record. Throws RECORD_INVALID naming the field that does not fit. */
export function decodeShadowPrediction(value: Readonly<Record<string, unknown>>): ShadowPrediction {
  return {
    model: readText(value, 'model'),
    version: readText(value, 'version'),
    example_id: readText(value, 'example_id'),
    event_time: readWhole(value, 'event_time'),
    prediction: readNumber(value, 'prediction'),
    classes: readTextList(value, 'classes'),
    probabilities: readNumberList(value, 'probabilities'),
  };
}
