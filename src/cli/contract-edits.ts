import { z } from 'zod';
import type { AvroDefinition, AvroField } from '../core/avro/definition.ts';
import { applyEdits } from '../core/contract/apply-edit.ts';
import type { ContractEdit } from '../core/contract/schema-skew.ts';
import { contractInvalid, contractOf, readText } from './read-contract.ts';

/** A difference and its edit; from a verdict's detail no more is known. */
export interface Difference {
  readonly class: string;
  readonly field: string;
  readonly edit?: ContractEdit;
}

/** The contract of a subject with the edits of some differences. Throws CONTRACT_INVALID when none comes out. */
export function editContract(args: {
  subject: string;
  definition: AvroDefinition;
  wanted: readonly Difference[];
}): AvroDefinition {
  const edited = applyEdits(
    args.definition,
    args.wanted.flatMap(({ edit }) => edit ?? []),
  );
  if (edited.status === 'invalid')
    throw contractInvalid(
      `The edits do not fit together: ${edited.problems.join('; ')}.`,
      'Apply some of them with --only.',
    );
  // A contract must come out: an edit may not take away what the stream needs.
  contractOf(edited.definition, args.subject, 'The edited schema');
  return edited.definition;
}

/** Edits from a file: lines of JSON, each an object with an `edit` of a field. Throws CONTRACT_INVALID. */
export function readEdits(file: string): Difference[] {
  const lines = readText(file)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.map((line, at) => {
    const read = EDIT_LINE.safeParse(jsonOf(line));
    if (!read.success)
      throw contractInvalid(
        `Line ${at + 1} of ${file} holds no edit: ${z.prettifyError(read.error)}.`,
        'Give the lines of `contract propose --json`, or the detail of a verdict that has an edit.',
      );
    const { class: name = '', edit } = read.data;
    return { class: name, field: edit.field, edit };
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const EDIT_LINE = z.object({
  class: z.string().optional(),
  edit: z.object({
    action: z.enum(['add', 'replace']),
    field: z.string(),
    becomes: z.custom<AvroField>(
      (value) => typeof value === 'object' && value !== null && 'name' in value && 'type' in value,
      'expected an Avro field',
    ),
  }),
});
