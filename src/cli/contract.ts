import { writeFileSync } from 'node:fs';
import { buildCommand, buildRouteMap, type CommandContext } from '@stricli/core';
import type { AvroDefinition } from '../core/avro/definition.ts';
import type { Contract } from '../core/contract/contract.ts';
import { type DataSkew, judgeData } from '../core/contract/judge-data.ts';
import { judgeWriterSchema } from '../core/contract/judge-writer-schema.ts';
import type { SchemaSkew } from '../core/contract/schema-skew.ts';
import { sentence } from '../errors.ts';
import { readTable } from '../io/files/table/read-table.ts';
import { openRegistry, type Registry } from '../io/registry/registry.ts';
import { editContract, readEdits } from './contract-edits.ts';
import { contractInvalid, readContract, readSchema, schemaById } from './read-contract.ts';
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
      const { contract } = await readContract({ ...flags, registry });
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
      const { contract, definition } = await readContract({ ...flags, registry });
      const findings =
        flags.edits === undefined ? await findingsOf(flags, contract, registry) : readEdits(flags.edits);
      const { only } = flags;
      const wanted = findings.filter(
        ({ field, class: name }) => only === undefined || only.includes(field) || only.includes(name),
      );
      const edited = editContract({ subject: flags.subject, definition, wanted });
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

/** Differences of a writer's schema, or of the values of rows. */
async function findingsOf(
  flags: CommonFlags,
  contract: Contract,
  registry: Registry,
): Promise<readonly (SchemaSkew | DataSkew)[]> {
  if (flags.data === undefined)
    return judgeWriterSchema(contract, await readWriter(flags, registry)).findings;
  if (flags.writer !== undefined || flags.writerId !== undefined)
    throw contractInvalid('Both a schema and rows are given.', 'Give --data, or --writer or --writer-id.');
  const columns = contract.fields
    .filter(({ range, domain, presence }) => [range, domain, presence].some((rule) => rule !== undefined))
    .map(({ name }) => name);
  const { table } = await readTable(flags.data, { columns });
  return judgeData({ fields: contract.fields, table });
}

async function readWriter(flags: CommonFlags, registry: Registry): Promise<AvroDefinition> {
  if ((flags.writer === undefined) === (flags.writerId === undefined))
    throw contractInvalid(
      'The schema to compare with is not said.',
      'Give --writer FILE or --writer-id ID, one of them, or rows with --data FILE.',
    );
  return flags.writer === undefined ? schemaById(registry, flags.writerId ?? 0) : readSchema(flags.writer);
}

function textOf({ class: name, field, detail, refuses, edit }: SchemaSkew | DataSkew): string {
  const becomes =
    edit === undefined
      ? 'no edit of the contract ends it'
      : `${edit.action}: ${JSON.stringify(edit.becomes)}`;
  return `${name} ${field}${refuses ? ' (records are refused)' : ''}\n  ${detail}\n  ${becomes}\n`;
}
