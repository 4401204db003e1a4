import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type AvroDefinition, parseDefinition } from '../../src/core/avro/definition.ts';
import { openRegistry } from '../../src/io/registry/registry.ts';
import { stack, uniqueName } from '../fixtures/stack.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const CONTRACT = new URL('../../deploy/demo/schemas/serving.flights.avsc', import.meta.url);
const FINDING = z.object({
  class: z.string(),
  field: z.string(),
  edit: z.object({ action: z.string() }).optional(),
});
let directory: string;
let contract: string;
let writer: string;

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'driftwatch-test-'));
  contract = fileURLToPath(CONTRACT);
  writer = join(directory, 'writer.avsc');
  const text = readFileSync(contract, 'utf8');
  const changed = z
    .looseObject({ fields: z.array(z.looseObject({ name: z.string() })) })
    .parse(JSON.parse(text));
  const fields = changed.fields
    .filter(({ name }) => name !== 'pressure_mbar')
    .map((field) => (field.name === 'temperature_f' ? { ...field, unit: 'degC' } : field));
  fields.push({ name: 'gate', type: ['null', 'string'], default: null });
  writeFileSync(writer, JSON.stringify({ ...changed, fields }));
});
after(() => rmSync(directory, { recursive: true, force: true }));

function driftwatch(args: readonly string[], env: Record<string, string> = {}) {
  return new Promise<{ status: number; out: string; err: string }>((resolve) => {
    execFile(
      process.execPath,
      [MAIN, 'contract', ...args, '--home', directory],
      { env: { ...process.env, ...env } },
      (error, out, err) => resolve({ status: Number(error?.code ?? 0), out, err }),
    );
  });
}

function schemaOf(text: string): AvroDefinition {
  const parsed = parseDefinition(text);
  assert.ok(parsed.status === 'ok', JSON.stringify(parsed));
  return parsed.definition;
}

test('differences are printed with their edits, and applying these ends them', async () => {
  const subject = ['--subject', 'serving.flights-value'];
  const files = [...subject, '--contract', contract, '--writer', writer];
  const proposed = await driftwatch(['propose', ...files, '--json']);
  assert.equal(proposed.status, 3, proposed.err);
  const findings = proposed.out
    .trim()
    .split('\n')
    .map((line) => FINDING.parse(JSON.parse(line)));
  assert.deepEqual(
    findings.map((finding) => [finding.class, finding.field, finding.edit?.action]),
    [
      ['FIELD_UNIT_CHANGED', 'temperature_f', 'replace'],
      ['SCHEMA_MISSING_COLUMN', 'pressure_mbar', undefined],
      ['SCHEMA_NEW_COLUMN', 'gate', 'add'],
    ],
  );

  const edited = join(directory, 'edited.avsc');
  const applied = await driftwatch(['apply', ...files, '--out', edited]);
  assert.deepEqual([applied.status, applied.out], [0, '']);
  const again = await driftwatch(['propose', ...subject, '--contract', edited, '--writer', writer, '--json']);
  assert.deepEqual(
    again.out
      .trim()
      .split('\n')
      .map((line) => FINDING.parse(JSON.parse(line)).class),
    ['SCHEMA_MISSING_COLUMN'],
  );
  assert.match(applied.err, /left: SCHEMA_MISSING_COLUMN pressure_mbar/);

  const only = await driftwatch(['apply', ...files, '--only', 'gate']);
  assert.match(only.out, /"name": "gate"/);
  assert.doesNotMatch(only.out, /degC/);
  const lines = join(directory, 'edits.jsonl');
  writeFileSync(lines, proposed.out);
  const refused = await driftwatch(['apply', ...subject, '--contract', contract, '--edits', lines]);
  assert.match(refused.err, /Line 2 of .* holds no edit/);
  const detail = { law: 'exact binomial', edit: { action: 'replace', field: 'gate', becomes: 7 } };
  writeFileSync(lines, JSON.stringify(detail));
  const foreign = await driftwatch(['apply', ...subject, '--contract', contract, '--edits', lines]);
  assert.match(foreign.err, /expected an Avro field/);
  writeFileSync(
    lines,
    proposed.out
      .split('\n')
      .filter((line) => line.includes('"edit"'))
      .join('\n'),
  );
  const fromLines = await driftwatch(['apply', ...subject, '--contract', contract, '--edits', lines]);
  assert.equal(fromLines.out, readFileSync(edited, 'utf8'), fromLines.err);

  const lost = await driftwatch(['propose', ...subject, '--contract', contract]);
  assert.deepEqual(
    [lost.status, lost.err.trim()],
    [
      1,
      'The schema to compare with is not said. Give --writer FILE or --writer-id ID, one of them, or rows with --data FILE.',
    ],
  );
});

test('values that the contract does not allow are printed with edits of range and domain, and applying these ends them', async () => {
  const subject = ['--subject', 'serving.flights-value'];
  const rows = join(directory, 'rows.csv');
  const lines = ['EWR,50.5,10', 'EWR,190,10', 'ZZZ,-80,10', 'ZZZ,60,', 'LGA,60,10'];
  writeFileSync(rows, `origin,temperature_f,wind_mph\n${lines.join('\n')}\n`);
  const files = [...subject, '--contract', contract, '--data', rows];
  const proposed = await driftwatch(['propose', ...files, '--json']);
  assert.equal(proposed.status, 3, proposed.err);
  const found = proposed.out
    .trim()
    .split('\n')
    .map((line) => FINDING.parse(JSON.parse(line)));
  const named = (name: string) => found.filter(({ field }) => field === name).map(({ class: own }) => own);
  assert.deepEqual(named('temperature_f'), ['FLOAT_TYPE_SMALL_FLOAT', 'FLOAT_TYPE_BIG_FLOAT']);
  assert.deepEqual(named('origin'), ['ENUM_TYPE_UNEXPECTED_STRING_VALUES']);
  const edited = join(directory, 'wider.avsc');
  const applied = await driftwatch(['apply', ...files, '--out', edited]);
  assert.equal(applied.status, 0, applied.err);
  const again = await driftwatch(['propose', ...subject, '--contract', edited, '--data', rows]);
  assert.deepEqual([again.status, again.out], [0, 'The rows agree with the contract.\n']);
  const both = await driftwatch(['propose', ...files, '--writer', writer]);
  assert.match(both.err, /Both a schema and rows/);
});

test('with --register the edited contract is the newest version of the subject', async () => {
  const { registryUrl } = stack();
  const env = { SCHEMA_REGISTRY_URL: registryUrl };
  const registry = openRegistry({ url: registryUrl });
  const subject = `serving.${uniqueName('edits')}-value`;
  const first = await registry.register({
    subject,
    definition: schemaOf(readFileSync(contract, 'utf8')),
    compatibility: 'NONE',
  });
  const foreign = await registry.register({
    subject: uniqueName('foreign'),
    definition: schemaOf(readFileSync(writer, 'utf8')),
  });
  const args = ['apply', '--subject', subject, '--writer-id', String(foreign), '--only', 'gate'];
  const applied = await driftwatch([...args, '--out', join(directory, 'registered.avsc'), '--register'], env);
  assert.equal(applied.status, 0, applied.err);
  const latest = await registry.latest(subject);
  assert.notEqual(latest?.id, first);
  assert.match(applied.err, new RegExp(`registered under ${subject} with id ${latest?.id}`));
  assert.deepEqual(latest?.definition, schemaOf(readFileSync(join(directory, 'registered.avsc'), 'utf8')));
  const after = await driftwatch(
    ['propose', '--subject', subject, '--writer-id', String(foreign), '--json'],
    env,
  );
  assert.doesNotMatch(after.out, /gate/);
});
