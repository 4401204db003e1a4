import { readFileSync, writeFileSync } from 'node:fs';
import { buildCommand, buildRouteMap, type CommandContext } from '@stricli/core';
import { z } from 'zod';
import { type AvroDefinition, type AvroField, parseDefinition } from '../core/avro/definition.ts';
import { applyEdits } from '../core/contract/apply-edit.ts';
import { type Contract, STREAMS } from '../core/contract/contract.ts';
import { type DataSkew, judgeData } from '../core/contract/judge-data.ts';
import { judgeWriterSchema } from '../core/contract/judge-writer-schema.ts';
import { parseContract } from '../core/contract/parse-contract.ts';
import type { ContractEdit, SchemaSkew } from '../core/contract/schema-skew.ts';
import { DriftwatchError, sentence } from '../errors.ts';
import { readTable } from '../io/files/table/read-table.ts';
import { openRegistry, type Registry } from '../io/registry/registry.ts';
import { loadSettings, SETTINGS_FLAGS, type SettingsFlags, wholeNumber } from './settings.ts';

interface ProposeFlags extends SettingsFlags {
  readonly subject: string;
  readonly contract?: string;
  readonly writer?: string;
  readonly writerId?: number;
  readonly data?: string;
  readonly json: boolean;
}

type CommonFlags = Omit<ProposeFlags, 'json'>;

interface ApplyFlags extends CommonFlags {
  readonly edits?: string;
  readonly only?: readonly string[];
  readonly out?: string;
  readonly register: boolean;
}

const FLAGS = {
  ...SETTINGS_FLAGS,
  subject: {
    kind: 'parsed',
    parse: String,
    brief: 'Subject of the contract, such as serving.flights-value',
    placeholder: 'name',
  },
  contract: {
    kind: 'parsed',
    parse: String,
    brief: 'The contract; without it the newest schema of the subject that is one',
    placeholder: 'file.avsc',
    optional: true,
  },
  writer: {
    kind: 'parsed',
    parse: String,
    brief: 'The schema that records were written with',
    placeholder: 'file.avsc',
    optional: true,
  },
  writerId: {
    kind: 'parsed',
    parse: wholeNumber,
    brief: 'The same by its id in the registry, as verdicts and findings name it',
    placeholder: 'id',
    optional: true,
  },
  data: {
    kind: 'parsed',
    parse: String,
    brief:
      'Rows instead of a schema: Parquet, CSV or Avro, whose values are held against range, domain and presence',
    placeholder: 'file',
    optional: true,
  },
} as const;

/** `driftwatch contract propose`: how a writer's schema differs, and what edit would end each difference. */
const propose = buildCommand<ProposeFlags, [], CommandContext>({
  docs: {
    brief: 'Differences from the contract, of a schema or of rows, each with the edit that would end it',
    fullDescription:
      'Prints one difference a line: its class (a name of TensorFlow Data Validation where it has one), the field, and the Avro field as the contract would have to have it. Exits with 3 when there are differences.',
  },
  parameters: {
    flags: {
      ...FLAGS,
      json: { kind: 'boolean', brief: 'Print one JSON object a difference', default: false },
    },
  },
  async func(flags) {
    try {
      const registry = openRegistry({ url: loadSettings(flags).registryUrl });
      const { contract } = await readContract(flags, registry);
      const findings = await findingsOf(flags, contract, registry);
      for (const finding of findings)
        this.process.stdout.write(flags.json ? `${JSON.stringify(finding)}\n` : textOf(finding));
      if (findings.length === 0) {
        if (!flags.json)
          this.process.stdout.write(
            `The ${flags.data === undefined ? 'schema agrees' : 'rows agree'} with the contract.\n`,
          );
        return undefined;
      }
      return Object.assign(new Error(`${findings.length} differences.`), { status: 3 });
    } catch (error) {
      return new Error(sentence(error));
    }
  },
});

/** `driftwatch contract apply`: the contract with the proposed edits. */
const apply = buildCommand<ApplyFlags, [], CommandContext>({
  docs: {
    brief: 'Writes the contract with the proposed edits, and registers it where wanted',
    fullDescription: [
      'Applies the edits that propose prints, all or those of --only, and writes the edited Avro schema. Nothing is',
      'changed in the registry without --register, which adds it to the subject as its newest version: running',
      'processors read contracts when they start. A difference without an edit is left, and said.',
    ].join(' '),
  },
  parameters: {
    flags: {
      ...FLAGS,
      edits: {
        kind: 'parsed',
        parse: String,
        brief:
          'Edits instead of a writer: what propose --json prints, or the detail of a verdict, one a line',
        placeholder: 'file',
        optional: true,
      },
      only: {
        kind: 'parsed',
        parse: String,
        variadic: ',',
        brief: 'Fields or classes whose edits are applied',
        placeholder: 'name,...',
        optional: true,
      },
      out: {
        kind: 'parsed',
        parse: String,
        brief: 'Where the edited contract goes; standard output without it',
        placeholder: 'file.avsc',
        optional: true,
      },
      register: {
        kind: 'boolean',
        brief: 'Register it as the newest version of the subject',
        default: false,
      },
    },
  },
  async func(flags) {
    try {
      const registry = openRegistry({ url: loadSettings(flags).registryUrl });
      const { contract, definition } = await readContract(flags, registry);
      const findings =
        flags.edits === undefined ? await findingsOf(flags, contract, registry) : readEdits(flags.edits);
      const { only } = flags;
      const wanted = findings.filter(
        ({ field, class: name }) => only === undefined || only.includes(field) || only.includes(name),
      );
      const edited = editContract({ flags, definition, wanted });
      const text = `${JSON.stringify(edited, null, 2)}\n`;
      if (flags.out === undefined) this.process.stdout.write(text);
      else writeFileSync(flags.out, text);
      for (const finding of wanted.filter(({ edit }) => edit === undefined))
        this.process.stderr.write(
          `left: ${finding.class} ${finding.field}: no edit of the contract ends it\n`,
        );
      if (flags.register) {
        const id = await registry.register({ subject: flags.subject, definition: edited });
        this.process.stderr.write(`registered under ${flags.subject} with id ${id}\n`);
      }
      return undefined;
    } catch (error) {
      return new Error(sentence(error));
    }
  },
});

export const command = buildRouteMap<'propose' | 'apply', CommandContext>({
  routes: { propose, apply },
  docs: { brief: 'Differences from the contract, and edits that end them' },
});

/** A difference and its edit; from a verdict's detail no more is known. */
interface Difference {
  readonly class: string;
  readonly field: string;
  readonly edit?: ContractEdit;
}

async function readContract(flags: CommonFlags, registry: Registry): Promise<Read> {
  if (flags.contract === undefined) return registeredContract(registry, flags.subject);
  return contractOf(readSchema(flags.contract), flags.subject, flags.contract);
}

/** Differences of a writer's schema, or of the values of rows. */
async function findingsOf(
  flags: CommonFlags,
  contract: Contract,
  registry: Registry,
): Promise<readonly (SchemaSkew | DataSkew)[]> {
  if (flags.data === undefined)
    return judgeWriterSchema(contract, await readWriter(flags, registry)).findings;
  if (flags.writer !== undefined || flags.writerId !== undefined)
    throw invalid('Both a schema and rows are given.', 'Give --data, or --writer or --writer-id.');
  const columns = contract.fields
    .filter(({ range, domain, presence }) => [range, domain, presence].some((rule) => rule !== undefined))
    .map(({ name }) => name);
  const { table } = await readTable(flags.data, { columns });
  return judgeData({ fields: contract.fields, table });
}

async function readWriter(flags: CommonFlags, registry: Registry): Promise<AvroDefinition> {
  if ((flags.writer === undefined) === (flags.writerId === undefined))
    throw invalid(
      'The schema to compare with is not said.',
      'Give --writer FILE or --writer-id ID, one of them, or rows with --data FILE.',
    );
  return flags.writer === undefined ? byId(registry, flags.writerId ?? 0) : readSchema(flags.writer);
}

/** Lines of JSON, each an object with an `edit` of a field. */
function readEdits(file: string): Difference[] {
  const lines = readText(file)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.map((line, at) => {
    const read = EDIT_LINE.safeParse(jsonOf(line));
    if (!read.success)
      throw invalid(
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

function editContract(args: {
  flags: ApplyFlags;
  definition: AvroDefinition;
  wanted: readonly Difference[];
}): AvroDefinition {
  const edited = applyEdits(
    args.definition,
    args.wanted.flatMap(({ edit }) => edit ?? []),
  );
  if (edited.status === 'invalid')
    throw invalid(
      `The edits do not fit together: ${edited.problems.join('; ')}.`,
      'Apply some of them with --only.',
    );
  // A contract must come out: an edit may not take away what the stream needs.
  contractOf(edited.definition, args.flags.subject, 'The edited schema');
  return edited.definition;
}

async function registeredContract(registry: Registry, subject: string): Promise<Read> {
  for (const id of (await registry.idsOf(subject)).toReversed()) {
    const found = await registry.byId(id);
    if (found.status !== 'known') continue;
    const parsed = parseContract({ ...partsOf(subject), subject, definition: found.definition });
    if (parsed.status === 'ok') return { contract: parsed.contract, definition: found.definition };
  }
  throw invalid(`The registry has no contract under ${subject}.`, 'Give the contract with --contract FILE.');
}

interface Read {
  readonly contract: Contract;
  readonly definition: AvroDefinition;
}

function contractOf(definition: AvroDefinition, subject: string, file: string): Read {
  const parsed = parseContract({ ...partsOf(subject), subject, definition });
  if (parsed.status === 'ok') return { contract: parsed.contract, definition };
  throw invalid(
    `${file} is not a contract: ${parsed.problems.join('; ')}.`,
    'README.md says what a contract has; deploy/demo/schemas has examples.',
  );
}

/** Model, stream and topic of `serving.flights-value`. */
function partsOf(subject: string): Pick<Contract, 'model' | 'stream' | 'topic'> {
  const [, name, model] = /^([a-z]+)\.(\w+)-value$/.exec(subject) ?? [];
  const stream = STREAMS.find((one) => one === name);
  if (stream !== undefined && model !== undefined) return { model, stream, topic: `${stream}.${model}` };
  throw invalid(
    `${subject} is no subject of a contract.`,
    'Subjects are training.<model>-value, serving.<model>-value and labels.<model>-value.',
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DriftwatchError({
      code: 'FILE_INVALID',
      message: `${file} cannot be read.`,
      next: 'Check the path.',
      cause,
    });
  }
}

function readSchema(file: string): AvroDefinition {
  const parsed = parseDefinition(readText(file));
  if (parsed.status === 'ok') return parsed.definition;
  throw invalid(`${file} is not an Avro schema: ${parsed.problems.join('; ')}.`, 'Mend the file.');
}

async function byId(registry: Registry, id: number): Promise<AvroDefinition> {
  const found = await registry.byId(id);
  if (found.status === 'known') return found.definition;
  throw invalid(`The registry has no schema ${id}: ${found.why}.`, 'Check the id and SCHEMA_REGISTRY_URL.');
}

function textOf({ class: name, field, detail, refuses, edit }: SchemaSkew | DataSkew): string {
  const becomes =
    edit === undefined
      ? 'no edit of the contract ends it'
      : `${edit.action}: ${JSON.stringify(edit.becomes)}`;
  return `${name} ${field}${refuses ? ' (records are refused)' : ''}\n  ${detail}\n  ${becomes}\n`;
}

function invalid(message: string, next: string): DriftwatchError {
  return new DriftwatchError({ code: 'CONTRACT_INVALID', message, next });
}
