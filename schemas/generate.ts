/**
 * Writes schemas/asyncapi.json from schemas/avro and topics: `node schemas/generate.ts`. With `--check`
 * nothing is written, and a difference is a sentence and exit status 1.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type AvroRecord, parseDefinition } from '../src/core/avro/definition.ts';
import { DriftwatchError, sentence } from '../src/errors.ts';
import { SYSTEM_TOPICS } from '../topics/index.ts';
import { asyncApi } from './generator/async-api.ts';

const AVRO = new URL('avro/', import.meta.url);
const DOCUMENT = new URL('asyncapi.json', import.meta.url);

try {
  process.exitCode = process.argv.includes('--check') ? check(generate()) : write(generate());
} catch (error) {
  process.stderr.write(`${sentence(error)}\n`);
  process.exitCode = 1;
}

function generate(): string {
  const records = readdirSync(AVRO)
    .filter((file) => file.endsWith('.avsc'))
    .toSorted()
    .map((file) => ({ file, record: readRecord(file) }));
  return asyncApi({ topics: SYSTEM_TOPICS, records, version: packageVersion() });
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

function write(text: string): number {
  writeFileSync(DOCUMENT, text);
  process.stdout.write(`${fileURLToPath(DOCUMENT)} written\n`);
  return 0;
}

function check(text: string): number {
  if (readFileSync(DOCUMENT, 'utf8') === text) return 0;
  process.stderr.write(
    'schemas/asyncapi.json does not match schemas/avro and topics. Run `npm run generate` and commit the result.\n',
  );
  return 1;
}
