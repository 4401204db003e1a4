// Generated from schemas/avro/retrain-request.avsc by `npm run generate`. Change the schema, not this file.
import type { AvroDefinition } from '../../src/core/avro/definition.ts';
import { readOptionalText, readOptionalWhole, readText, readWhole } from '../../src/core/avro/read-value.ts';

/** A training that is wanted. */
export interface RetrainRequest {
  /** Done once. */
  readonly request_id: string;
  /** Model. */
  readonly model: string;
  /** Incident that asked for it; null when a person did. */
  readonly incident_id: string | null;
  /** Why, in words. */
  readonly cause: string;
  /** Stream time of the request (milliseconds since 1970). */
  readonly requested: number;
  /** Event time of the first example wanted (milliseconds since 1970). */
  readonly train_from: number;
  /** Event time after the last example wanted (milliseconds since 1970). */
  readonly train_until: number;
  /** Event time since which the relation is another: a version trained on the examples from there on is tried as well; null when it is not known or not wanted (milliseconds since 1970). */
  readonly onset: number | null;
}

/** The Avro schema of RetrainRequest, as it is registered. */
export const RETRAIN_REQUEST_DEFINITION = {
  type: 'record',
  name: 'RetrainRequest',
  namespace: 'driftwatch',
  doc: 'A training that is wanted.',
  fields: [
    {
      name: 'request_id',
      type: 'string',
      doc: 'Done once',
    },
    {
      name: 'model',
      type: 'string',
      doc: 'Model',
    },
    {
      name: 'incident_id',
      type: ['null', 'string'],
      doc: 'Incident that asked for it; null when a person did',
      default: null,
    },
    {
      name: 'cause',
      type: 'string',
      doc: 'Why, in words',
    },
    {
      name: 'requested',
      type: {
        type: 'long',
        logicalType: 'timestamp-millis',
      },
      doc: 'Stream time of the request',
    },
    {
      name: 'train_from',
      type: {
        type: 'long',
        logicalType: 'timestamp-millis',
      },
      doc: 'Event time of the first example wanted',
    },
    {
      name: 'train_until',
      type: {
        type: 'long',
        logicalType: 'timestamp-millis',
      },
      doc: 'Event time after the last example wanted',
    },
    {
      name: 'onset',
      type: [
        'null',
        {
          type: 'long',
          logicalType: 'timestamp-millis',
        },
      ],
      doc: 'Event time since which the relation is another: a version trained on the examples from there on is tried as well; null when it is not known or not wanted',
      default: null,
    },
  ],
} as const satisfies AvroDefinition;

/** Checks the types of a decoded record. Throws RECORD_INVALID naming the field that does not fit. */
export function decodeRetrainRequest(value: Readonly<Record<string, unknown>>): RetrainRequest {
  return {
    request_id: readText(value, 'request_id'),
    model: readText(value, 'model'),
    incident_id: readOptionalText(value, 'incident_id'),
    cause: readText(value, 'cause'),
    requested: readWhole(value, 'requested'),
    train_from: readWhole(value, 'train_from'),
    train_until: readWhole(value, 'train_until'),
    onset: readOptionalWhole(value, 'onset'),
  };
}
