// Generated from schemas/avro/alert.avsc by `npm run generate`. Change the schema, not this file.
import type { AvroDefinition } from '../../src/core/avro/definition.ts';
import { readText, readTextList, readWhole } from '../../src/core/avro/read-value.ts';

/** One transition of an incident. */
export interface Alert {
  /** Incident; the same for all its transitions. */
  readonly incident_id: string;
  /** 0 for the first transition. */
  readonly revision: number;
  /** open, update, resolve or retract. */
  readonly transition: string;
  /** Model. */
  readonly model: string;
  /** schema-skew, feature-skew, distribution-skew, data-drift or concept-drift. */
  readonly kind: string;
  /** WARNING or ALERT. */
  readonly severity: string;
  /** open, resolved or retracted. */
  readonly status: string;
  /** Event time of the first mover (milliseconds since 1970). */
  readonly began: number;
  /** Stream time of this transition (milliseconds since 1970). */
  readonly reported: number;
  /** Features, first mover first. */
  readonly features: readonly string[];
  /** Segments, empty text for all rows. */
  readonly segments: readonly string[];
  /** What is known of the cause. */
  readonly cause: string;
  /** One sentence for the person on call. */
  readonly summary: string;
  /** Ids of its findings, to look up in SQL. */
  readonly findings: readonly string[];
}

/** The Avro schema of Alert, as it is registered. */
export const ALERT_DEFINITION = {
  type: 'record',
  name: 'Alert',
  namespace: 'driftwatch',
  doc: 'One transition of an incident.',
  fields: [
    {
      name: 'incident_id',
      type: 'string',
      doc: 'Incident; the same for all its transitions',
    },
    {
      name: 'revision',
      type: 'int',
      doc: '0 for the first transition',
    },
    {
      name: 'transition',
      type: 'string',
      doc: 'open, update, resolve or retract',
    },
    {
      name: 'model',
      type: 'string',
      doc: 'Model',
    },
    {
      name: 'kind',
      type: 'string',
      doc: 'schema-skew, feature-skew, distribution-skew, data-drift or concept-drift',
    },
    {
      name: 'severity',
      type: 'string',
      doc: 'WARNING or ALERT',
    },
    {
      name: 'status',
      type: 'string',
      doc: 'open, resolved or retracted',
    },
    {
      name: 'began',
      type: {
        type: 'long',
        logicalType: 'timestamp-millis',
      },
      doc: 'Event time of the first mover',
    },
    {
      name: 'reported',
      type: {
        type: 'long',
        logicalType: 'timestamp-millis',
      },
      doc: 'Stream time of this transition',
    },
    {
      name: 'features',
      type: {
        type: 'array',
        items: 'string',
      },
      doc: 'Features, first mover first',
    },
    {
      name: 'segments',
      type: {
        type: 'array',
        items: 'string',
      },
      doc: 'Segments, empty text for all rows',
    },
    {
      name: 'cause',
      type: 'string',
      doc: 'What is known of the cause',
    },
    {
      name: 'summary',
      type: 'string',
      doc: 'One sentence for the person on call',
    },
    {
      name: 'findings',
      type: {
        type: 'array',
        items: 'string',
      },
      doc: 'Ids of its findings, to look up in SQL',
    },
  ],
} as const satisfies AvroDefinition;

/** Checks the types of a decoded record. Throws RECORD_INVALID naming the field that does not fit. */
export function decodeAlert(value: Readonly<Record<string, unknown>>): Alert {
  return {
    incident_id: readText(value, 'incident_id'),
    revision: readWhole(value, 'revision'),
    transition: readText(value, 'transition'),
    model: readText(value, 'model'),
    kind: readText(value, 'kind'),
    severity: readText(value, 'severity'),
    status: readText(value, 'status'),
    began: readWhole(value, 'began'),
    reported: readWhole(value, 'reported'),
    features: readTextList(value, 'features'),
    segments: readTextList(value, 'segments'),
    cause: readText(value, 'cause'),
    summary: readText(value, 'summary'),
    findings: readTextList(value, 'findings'),
  };
}
