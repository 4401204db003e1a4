import { readFileSync, writeFileSync } from 'node:fs';
import { buildCommand, buildRouteMap, type CommandContext } from '@stricli/core';
import { type AvroDefinition, parseDefinition } from '../core/avro/definition.ts';
import { applyEdits } from '../core/contract/apply-edit.ts';
import { type Contract, STREAMS } from '../core/contract/contract.ts';
import { judgeWriterSchema } from '../core/contract/judge-writer-schema.ts';
import { parseContract } from '../core/contract/parse-contract.ts';
import type { SchemaSkew } from '../core/contract/schema-skew.ts';
import { DriftwatchError, sentence } from '../errors.ts';
import { openRegistry, type Registry } from '../io/registry/registry.ts';
import { loadSettings, SETTINGS_FLAGS, type SettingsFlags, wholeNumber } from './settings.ts';

interface ProposeFlags extends SettingsFlags {
  readonly subject: string;
  readonly contract?: string;
  readonly writer?: string;
  readonly writerId?: number;
  readonly json: boolean;
}

interface ApplyFlags extends Omit<ProposeFlags, 'json'> {
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
} as const;

/** `driftwatch contract propose`: how a writer's schema differs, and what edit would end each difference. */
const propose = buildCommand<ProposeFlags, [], CommandContext>({
  docs: {
    brief: "Differences between a writer's schema and the contract, each with the edit that would end it",
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
      const { findings } = await compare(flags);
      for (const finding of findings)
        this.process.stdout.write(flags.json ? `${JSON.stringify(finding)}\n` : textOf(finding));
      if (findings.length === 0) {
        if (!flags.json) this.process.stdout.write('The schema agrees with the contract.\n');
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
      const { findings, definition, registry } = await compare(flags);
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

/** Reads both schemas and judges one against the other. */
async function compare(flags: Omit<ProposeFlags, 'json'>): Promise<{
  findings: readonly SchemaSkew[];
  definition: AvroDefinition;
  registry: Registry;
}> {
  const registry = openRegistry({ url: loadSettings(flags).registryUrl });
  const { contract, definition } =
    flags.contract === undefined
      ? await registeredContract(registry, flags.subject)
      : contractOf(readSchema(flags.contract), flags.subject, flags.contract);
  if ((flags.writer === undefined) === (flags.writerId === undefined))
    throw invalid(
      'The schema to compare with is not said.',
      'Give --writer FILE or --writer-id ID, one of them.',
    );
  const writer =
    flags.writer === undefined ? await byId(registry, flags.writerId ?? 0) : readSchema(flags.writer);
  return { findings: judgeWriterSchema(contract, writer).findings, definition, registry };
}

function editContract(args: {
  flags: ApplyFlags;
  definition: AvroDefinition;
  wanted: readonly SchemaSkew[];
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

function readSchema(file: string): AvroDefinition {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DriftwatchError({
      code: 'FILE_INVALID',
      message: `${file} cannot be read.`,
      next: 'Check the path.',
      cause,
    });
  }
  const parsed = parseDefinition(text);
  if (parsed.status === 'ok') return parsed.definition;
  throw invalid(`${file} is not an Avro schema: ${parsed.problems.join('; ')}.`, 'Mend the file.');
}

async function byId(registry: Registry, id: number): Promise<AvroDefinition> {
  const found = await registry.byId(id);
  if (found.status === 'known') return found.definition;
  throw invalid(`The registry has no schema ${id}: ${found.why}.`, 'Check the id and SCHEMA_REGISTRY_URL.');
}

function textOf({ class: name, field, detail, refuses, edit }: SchemaSkew): string {
  const becomes =
    edit === undefined
      ? 'no edit of the contract ends it'
      : `${edit.action}: ${JSON.stringify(edit.becomes)}`;
  return `${name} ${field}${refuses ? ' (records are refused)' : ''}\n  ${detail}\n  ${becomes}\n`;
}

function invalid(message: string, next: string): DriftwatchError {
  return new DriftwatchError({ code: 'CONTRACT_INVALID', message, next });
}
