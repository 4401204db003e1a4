// Generated from schemas/avro/model-release.avsc by `npm run generate`. Change the schema, not this file.
import type { AvroDefinition } from '../../src/core/avro/definition.ts';
import {
  readNumberList,
  readOptionalNumber,
  readOptionalText,
  readOptionalWhole,
  readText,
  readTextList,
  readWhole,
} from '../../src/core/avro/read-value.ts';

/** A decision on a trained version, or on which versions answer (status traffic). */
export interface ModelRelease {
  /** Deterministic. */
  readonly release_id: string;
  /** Model. */
  readonly model: string;
  /** v1 upwards; traffic: the version that answers what is not split. */
  readonly version: string;
  /** accepted or rejected, of a trained version; traffic, of who answers from now on. */
  readonly status: string;
  /** Why, in words. */
  readonly reasons: readonly string[];
  /** Request it answers; empty for traffic. */
  readonly request_id: string;
  /** Champion it was compared with. */
  readonly parent: string | null;
  /** Stream time of the decision; wall clock when a person made it (milliseconds since 1970). */
  readonly created: number;
  /** Folder of model.onnx and manifest.json, relative to the model store. */
  readonly uri: string;
  /** Hash of model.onnx, hexadecimal; empty for a request that could not be trained. */
  readonly sha256: string;
  /** Champion on the validation rows. */
  readonly log_loss_before: number | null;
  /** This version on the same rows; null for a request that could not be trained. */
  readonly log_loss_after: number | null;
  /** Rows both were measured on. */
  readonly validation_rows: number;
  /** traffic: shadow, split, step, promote, roll back or clear. */
  readonly action: string | null;
  /** traffic: experiment that ids are split by or that has ended. */
  readonly experiment: string | null;
  /** traffic: versions that share the ids; none when nothing is split. */
  readonly split_versions: readonly string[];
  /** traffic: weight of each of split_versions. */
  readonly split_weights: readonly number[];
  /** traffic: versions that score without answering. */
  readonly shadows: readonly string[];
  /** traffic: event time from which the split holds; null for at once (milliseconds since 1970). */
  readonly holds_from: number | null;
}

/** The Avro schema of ModelRelease, as it is registered. */
export const MODEL_RELEASE_DEFINITION = {
  type: 'record',
  name: 'ModelRelease',
  namespace: 'driftwatch',
  doc: 'A decision on a trained version, or on which versions answer (status traffic).',
  fields: [
    {
      name: 'release_id',
      type: 'string',
      doc: 'Deterministic',
    },
    {
      name: 'model',
      type: 'string',
      doc: 'Model',
    },
    {
      name: 'version',
      type: 'string',
      doc: 'v1 upwards; traffic: the version that answers what is not split',
    },
    {
      name: 'status',
      type: 'string',
      doc: 'accepted or rejected, of a trained version; traffic, of who answers from now on',
    },
    {
      name: 'reasons',
      type: {
        type: 'array',
        items: 'string',
      },
      doc: 'Why, in words',
    },
    {
      name: 'request_id',
      type: 'string',
      doc: 'Request it answers; empty for traffic',
    },
    {
      name: 'parent',
      type: ['null', 'string'],
      doc: 'Champion it was compared with',
      default: null,
    },
    {
      name: 'created',
      type: {
        type: 'long',
        logicalType: 'timestamp-millis',
      },
      doc: 'Stream time of the decision; wall clock when a person made it',
    },
    {
      name: 'uri',
      type: 'string',
      doc: 'Folder of model.onnx and manifest.json, relative to the model store',
    },
    {
      name: 'sha256',
      type: 'string',
      doc: 'Hash of model.onnx, hexadecimal; empty for a request that could not be trained',
    },
    {
      name: 'log_loss_before',
      type: ['null', 'double'],
      doc: 'Champion on the validation rows',
      default: null,
    },
    {
      name: 'log_loss_after',
      type: ['null', 'double'],
      doc: 'This version on the same rows; null for a request that could not be trained',
      default: null,
    },
    {
      name: 'validation_rows',
      type: 'long',
      doc: 'Rows both were measured on',
    },
    {
      name: 'action',
      type: ['null', 'string'],
      doc: 'traffic: shadow, split, step, promote, roll back or clear',
      default: null,
    },
    {
      name: 'experiment',
      type: ['null', 'string'],
      doc: 'traffic: experiment that ids are split by or that has ended',
      default: null,
    },
    {
      name: 'split_versions',
      type: {
        type: 'array',
        items: 'string',
      },
      doc: 'traffic: versions that share the ids; none when nothing is split',
      default: [],
    },
    {
      name: 'split_weights',
      type: {
        type: 'array',
        items: 'double',
      },
      doc: 'traffic: weight of each of split_versions',
      default: [],
    },
    {
      name: 'shadows',
      type: {
        type: 'array',
        items: 'string',
      },
      doc: 'traffic: versions that score without answering',
      default: [],
    },
    {
      name: 'holds_from',
      type: [
        'null',
        {
          type: 'long',
          logicalType: 'timestamp-millis',
        },
      ],
      doc: 'traffic: event time from which the split holds; null for at once',
      default: null,
    },
  ],
} as const satisfies AvroDefinition;

/** Checks the types of a decoded record. Throws RECORD_INVALID naming the field that does not fit. */
export function decodeModelRelease(value: Readonly<Record<string, unknown>>): ModelRelease {
  return {
    release_id: readText(value, 'release_id'),
    model: readText(value, 'model'),
    version: readText(value, 'version'),
    status: readText(value, 'status'),
    reasons: readTextList(value, 'reasons'),
    request_id: readText(value, 'request_id'),
    parent: readOptionalText(value, 'parent'),
    created: readWhole(value, 'created'),
    uri: readText(value, 'uri'),
    sha256: readText(value, 'sha256'),
    log_loss_before: readOptionalNumber(value, 'log_loss_before'),
    log_loss_after: readOptionalNumber(value, 'log_loss_after'),
    validation_rows: readWhole(value, 'validation_rows'),
    action: readOptionalText(value, 'action'),
    experiment: readOptionalText(value, 'experiment'),
    split_versions: readTextList(value, 'split_versions'),
    split_weights: readNumberList(value, 'split_weights'),
    shadows: readTextList(value, 'shadows'),
    holds_from: readOptionalWhole(value, 'holds_from'),
  };
}
