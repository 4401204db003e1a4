import type { AvroField } from '../avro/definition.ts';

/**
 * A contract says what a model's records must look like: the registered Avro schema of a stream,
 * read with the attributes that driftwatch adds to its fields. It is plain data.
 */
export interface Contract {
  readonly model: string;
  readonly stream: Stream;
  readonly subject: string;
  readonly topic: string;
  readonly fields: readonly Field[];
}

export interface Field {
  readonly name: string;
  readonly role: Role;
  readonly kind: Kind;
  /** Avro type without the null branch, e.g. `double`, `string`, `long`, `timestamp-millis`. */
  readonly avro: string;
  readonly nullable: boolean;
  readonly unit?: string;
  /** Two values of one example agree when |a - b| <= absolute + relative * max(|a|, |b|). */
  readonly tolerance?: { readonly absolute: number; readonly relative: number };
  readonly domain?: readonly string[];
  readonly range?: { readonly min?: number; readonly max?: number };
  /** Smallest share of examples, 0 to 1, that must carry a value. */
  readonly presence?: number;
  /** Name of the field that says which entity (customer, station, machine) a feature's value belongs to. */
  readonly entity?: string;
  /** The Avro field as registered, with its doc, default and attributes. */
  readonly registered?: AvroField;
}

export const STREAMS = ['training', 'serving', 'labels'] as const;
export type Stream = (typeof STREAMS)[number];

export const ROLES = [
  'feature',
  'prediction',
  'probabilities',
  'label',
  'id',
  'event-time',
  'segment',
  'version',
  'entity',
  'ignore',
] as const;
export type Role = (typeof ROLES)[number];

export const KINDS = ['numeric', 'categorical', 'boolean', 'timestamp', 'text', 'embedding'] as const;
export type Kind = (typeof KINDS)[number];
