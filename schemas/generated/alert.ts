// Generated from schemas/avro/alert.avsc by `npm run generate`. Change the schema, not this file.
import type { AvroDefinition } from '../../src/core/avro/definition.ts';
import {
  readOptionalNumber,
  readOptionalWhole,
  readText,
  readTextList,
  readWhole,
} from '../../src/core/avro/read-value.ts';

/** One transition of an incident. */
export interface Alert {
  /** Incident; the same for all its transitions. */
  readonly incident_id: string;
  /** 0 for the first transition. */
  readonly revision: number;
  /** open, update or resolve; upgrade, downgrade or retract when late rows corrected the verdicts it rests on. */
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
  /** Why it was corrected, in words; empty while rows came in time. */
  readonly reason: string;
  /** First mover in event time: kind of drift. */
  readonly first_kind: string;
  /** First mover in event time: field of the contract, or the metric. */
  readonly first_feature: string;
  /** First mover in event time: segment, empty text for all rows. */
  readonly first_segment: string;
  /** Smallest segment that carries the change, field=value; empty when it is spread over all. */
  readonly carrier: string;
  /** Share of the change that is in the carrier, 0 to 1. */
  readonly carrier_share: number | null;
  /** Rows of the carrier in the window with the largest effect. */
  readonly carrier_rows: number;
  /** Newest change of writer schema or model version at or before its first window; empty when nothing changed. */
  readonly change: string;
  /** Event time of that change (milliseconds since 1970). */
  readonly change_at: number | null;
  /** Nats of log-loss above what the serving versions had on their validation, summed over rows; below 0 it did not hurt. */
  readonly cost: number | null;
  /** realised: from labels; estimated: from what the predictions imply; insufficient: no such rows. */
  readonly cost_basis: string;
  /** Rows that cost was summed over. */
  readonly cost_rows: number;
  /** concept-drift: covariate drift, label shift, change of P(y|x), none, or insufficient when that could not be told; else empty. */
  readonly concept_change: string;
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
      doc: 'open, update or resolve; upgrade, downgrade or retract when late rows corrected the verdicts it rests on',
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
    {
      name: 'reason',
      type: 'string',
      doc: 'Why it was corrected, in words; empty while rows came in time',
      default: '',
    },
    {
      name: 'first_kind',
      type: 'string',
      doc: 'First mover in event time: kind of drift',
      default: '',
    },
    {
      name: 'first_feature',
      type: 'string',
      doc: 'First mover in event time: field of the contract, or the metric',
      default: '',
    },
    {
      name: 'first_segment',
      type: 'string',
      doc: 'First mover in event time: segment, empty text for all rows',
      default: '',
    },
    {
      name: 'carrier',
      type: 'string',
      doc: 'Smallest segment that carries the change, field=value; empty when it is spread over all',
      default: '',
    },
    {
      name: 'carrier_share',
      type: ['null', 'double'],
      doc: 'Share of the change that is in the carrier, 0 to 1',
      default: null,
    },
    {
      name: 'carrier_rows',
      type: 'long',
      doc: 'Rows of the carrier in the window with the largest effect',
      default: 0,
    },
    {
      name: 'change',
      type: 'string',
      doc: 'Newest change of writer schema or model version at or before its first window; empty when nothing changed',
      default: '',
    },
    {
      name: 'change_at',
      type: [
        'null',
        {
          type: 'long',
          logicalType: 'timestamp-millis',
        },
      ],
      doc: 'Event time of that change',
      default: null,
    },
    {
      name: 'cost',
      type: ['null', 'double'],
      doc: 'Nats of log-loss above what the serving versions had on their validation, summed over rows; below 0 it did not hurt',
      default: null,
    },
    {
      name: 'cost_basis',
      type: 'string',
      doc: 'realised: from labels; estimated: from what the predictions imply; insufficient: no such rows',
      default: 'insufficient',
    },
    {
      name: 'cost_rows',
      type: 'long',
      doc: 'Rows that cost was summed over',
      default: 0,
    },
    {
      name: 'concept_change',
      type: 'string',
      doc: 'concept-drift: covariate drift, label shift, change of P(y|x), none, or insufficient when that could not be told; else empty',
      default: '',
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
    reason: readText(value, 'reason'),
    first_kind: readText(value, 'first_kind'),
    first_feature: readText(value, 'first_feature'),
    first_segment: readText(value, 'first_segment'),
    carrier: readText(value, 'carrier'),
    carrier_share: readOptionalNumber(value, 'carrier_share'),
    carrier_rows: readWhole(value, 'carrier_rows'),
    change: readText(value, 'change'),
    change_at: readOptionalWhole(value, 'change_at'),
    cost: readOptionalNumber(value, 'cost'),
    cost_basis: readText(value, 'cost_basis'),
    cost_rows: readWhole(value, 'cost_rows'),
    concept_change: readText(value, 'concept_change'),
  };
}
