/**
 * Writes schemas/generated from schemas/avro and topics: `node schemas/generate.ts`. With `--check`
 * nothing is written, and a difference is a sentence and exit status 1.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type AvroRecord, parseDefinition } from '../src/core/avro/definition.ts';
import { DriftwatchError, sentence } from '../src/errors.ts';
import { SYSTEM_TOPICS } from '../topics/index.ts';
import { asyncApi } from './generator/async-api.ts';
import { recordModule } from './generator/record-module.ts';

const AVRO = new URL('avro/', import.meta.url);
const GENERATED = new URL('generated/', import.meta.url);

try {
  process.exitCode = process.argv.includes('--check') ? check(generate()) : write(generate());
} catch (error) {
  process.stderr.write(`${sentence(error)}\n`);
  process.exitCode = 1;
}

/** Text of every generated file by its name. */
function generate(): ReadonlyMap<string, string> {
  const records = readdirSync(AVRO)
    .filter((file) => file.endsWith('.avsc'))
    .toSorted()
    .map((file) => ({ file, record: readRecord(file) }));
  const files = new Map<string, string>();
  for (const { file, record } of records) {
    files.set(file.replace(/\.avsc$/, '.ts'), recordModule({ file, record }));
  }
  files.set('asyncapi.json', asyncApi({ topics: SYSTEM_TOPICS, records, version: packageVersion() }));
  return files;
}

function readRecord(file: string): AvroRecord {
  const decoded = parseDefinition(readFileSync(new URL(file, AVRO), 'utf8'));
  if (decoded.status === 'invalid') throw unusable(file, decoded.problems.join(' '));
  const { definition } = decoded;
  if (typeof definition === 'object' && 'type' in definition && definition.type === 'record')
    return definition;
  throw unusable(file, 'It is not a record.');
}

function unusable(file: string, why: string): DriftwatchError {
  return new DriftwatchError({
    code: 'CONTRACT_INVALID',
    message: `schemas/avro/${file} cannot be used: ${why}`,
    next: 'Correct the schema and run `npm run generate`.',
  });
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}

function write(files: ReadonlyMap<string, string>): number {
  rmSync(GENERATED, { recursive: true, force: true });
  mkdirSync(GENERATED, { recursive: true });
  for (const [name, text] of files) writeFileSync(new URL(name, GENERATED), text);
  process.stdout.write(`${files.size} files written to ${fileURLToPath(GENERATED)}\n`);
  return 0;
}

function check(files: ReadonlyMap<string, string>): number {
  const present = presentFiles();
  const differing = [...files].filter(([name, text]) => present.get(name) !== text).map(([name]) => name);
  const extra = [...present.keys()].filter((name) => !files.has(name));
  const names = [...differing, ...extra].toSorted();
  if (names.length === 0) return 0;
  process.stderr.write(
    `schemas/generated does not match schemas/avro and topics: ${names.join(', ')}. Run \`npm run generate\` and commit the result.\n`,
  );
  return 1;
}

function presentFiles(): ReadonlyMap<string, string> {
  try {
    const names = readdirSync(GENERATED).toSorted();
    return new Map(names.map((name) => [name, readFileSync(new URL(name, GENERATED), 'utf8')]));
  } catch {
    return new Map();
  }
}
