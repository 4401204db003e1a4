import { DriftwatchError } from '../../../errors.ts';
import { collectColumns, type ReadTable } from './collect-columns.ts';
import { readCsvRecords } from './csv-records.ts';

/**
 * Reads CSV by RFC 4180: a header line, commas, quotes doubled inside quotes, LF or CRLF. The file is read twice:
 * first to see which columns hold nothing but numbers (or dates and times in ISO form, or true and false), then to
 * take them, so that an id like 007 stays a text.
 *
 * Missing are: nothing at all, NA, null. In a column of numbers NaN, Inf and -Inf are what they say.
 */
export async function readCsvTable(
  path: string,
  args: { columns?: readonly string[] } = {},
): Promise<ReadTable> {
  let forms: Form[] = [];
  let names: readonly string[] = [];
  for await (const { fields, line } of readCsvRecords(path)) {
    if (names.length === 0) {
      names = headerOf(fields, path);
      forms = names.map(() => 'empty');
      continue;
    }
    if (fields.length !== names.length)
      throw ragged({ path, line, found: fields.length, names: names.length });
    for (const [at, text] of fields.entries()) {
      const form = forms[at];
      if (form !== 'text' && form !== undefined) forms[at] = narrower(form, text);
    }
  }
  const columns = collectColumns({ path });
  const setters = names.map((name, at) => {
    const wanted = args.columns === undefined || args.columns.includes(name);
    const read = VALUE[forms[at] ?? 'text'];
    const set = wanted ? columns.column(name) : undefined;
    return (row: number, text: string) => set?.(row, isMissing(text) ? null : read(text));
  });
  let row = -1;
  for await (const { fields } of readCsvRecords(path)) {
    if (row >= 0) for (const [at, text] of fields.entries()) setters[at]?.(row, text);
    row += 1;
  }
  return columns.finish(Math.max(0, row));
}

type Form = 'empty' | 'number' | 'boolean' | 'time' | 'text';

const VALUE: Readonly<Record<Form, (text: string) => unknown>> = {
  empty: () => null,
  number: readNumber,
  boolean: (text) => text.toLowerCase() === 'true',
  time: (text) => new Date(asUtc(text)),
  text: (text) => text,
};

function narrower(form: Form, text: string): Form {
  if (isMissing(text)) return form;
  const found = NUMBER.test(text)
    ? 'number'
    : BOOLEAN.test(text)
      ? 'boolean'
      : isTime(text)
        ? 'time'
        : 'text';
  return form === 'empty' || form === found ? found : 'text';
}

function readNumber(text: string): number {
  const word = text.toLowerCase();
  if (word === 'nan') return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/.exec(word);
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}

function isMissing(text: string): boolean {
  return text === '' || text === 'NA' || text === 'null';
}

function isTime(text: string): boolean {
  return TIME.test(text) && !Number.isNaN(Date.parse(asUtc(text)));
}

/** A time without a zone is UTC, like everything else here. */
function asUtc(text: string): string {
  const iso = text.replace(' ', 'T');
  return iso.length <= 10 || /(Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`;
}

function headerOf(fields: readonly string[], path: string): readonly string[] {
  const twice = fields.find((name, at) => fields.indexOf(name) !== at);
  if (twice !== undefined)
    throw invalid(`${path} has two columns named "${twice}"`, 'Give every column a name of its own.');
  if (fields.includes(''))
    throw invalid(`${path} has a column without a name`, 'The first line must name every column.');
  if (fields.length === 1 && /[;\t|]/.test(fields[0] ?? ''))
    throw invalid(`${path} is separated by something other than commas`, 'Write it with commas (RFC 4180).');
  return fields;
}

function ragged(args: { path: string; line: number; found: number; names: number }): DriftwatchError {
  return invalid(
    `Line ${args.line} of ${args.path} has ${args.found} fields and the header has ${args.names}`,
    'Mend that line; a comma inside a value needs quotes around the value.',
  );
}

export function invalid(what: string, next: string): DriftwatchError {
  return new DriftwatchError({ code: 'FILE_INVALID', message: `${what}.`, next });
}

const NUMBER = /^[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|nan|NaN|NAN|[iI]nf|INF|[iI]nfinity)$/;
const BOOLEAN = /^(true|false|True|False|TRUE|FALSE)$/;
const TIME = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;
