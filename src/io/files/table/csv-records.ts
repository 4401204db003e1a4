import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { DriftwatchError } from '../../../errors.ts';

/**
 * Records of a CSV file (RFC 4180), one after the other, with the line each begins on. A name that ends in `.gz` is
 * unpacked on the way. Lines with nothing on them are left out.
 *
 * @throws FILE_UNREADABLE for what cannot be opened or unpacked, FILE_INVALID for a quote that is never closed,
 *   stands inside an unquoted field or is followed by anything but a comma, and for bytes that are not UTF-8.
 */
export async function* readCsvRecords(path: string): AsyncGenerator<{ fields: string[]; line: number }> {
  let fields: string[] = [];
  let field = '';
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  let [line, began] = [1, 1];
  const refuse = (what: string, next: string) =>
    new DriftwatchError({ code: 'FILE_INVALID', message: `Line ${line} of ${path} ${what}.`, next });

  for await (const text of texts(path)) {
    const done: { fields: string[]; line: number }[] = [];
    for (let at = 0; at < text.length; ) {
      if (state === 'quoted') {
        const quote = text.indexOf('"', at);
        const end = quote < 0 ? text.length : quote;
        const part = text.slice(at, end);
        for (let i = part.indexOf('\n'); i >= 0; i = part.indexOf('\n', i + 1)) line += 1;
        field += part;
        if (field.length > LONGEST) throw refuse('has a value of more than 16 MB', CLOSE);
        at = end + 1;
        if (quote >= 0) state = 'closed';
        continue;
      }
      const character = text[at] ?? '';
      if (character === ',' || character === '\n') {
        fields.push(
          state === 'plain' && character === '\n' && field.endsWith('\r') ? field.slice(0, -1) : field,
        );
        field = '';
        state = 'start';
        at += 1;
        if (character === ',') continue;
        if (fields.length > 1 || fields[0] !== '') done.push({ fields, line: began });
        fields = [];
        line += 1;
        began = line;
      } else if (character === '"') {
        if (state === 'plain') throw refuse('has a quote inside a value that is not quoted', DOUBLE);
        if (state === 'closed') field += '"';
        state = 'quoted';
        at += 1;
      } else if (state === 'closed') {
        if (character !== '\r') throw refuse('has text after a closing quote', DOUBLE);
        at += 1;
      } else {
        const end = nextStop(text, at);
        field += text.slice(at, end);
        state = 'plain';
        at = end;
      }
    }
    yield* done;
  }
  if (state === 'quoted') throw refuse('has a quote that is never closed', CLOSE);
  fields.push(field.endsWith('\r') ? field.slice(0, -1) : field);
  if (fields.length > 1 || fields[0] !== '') yield { fields, line: began };
}

/** Place of the next comma, line end or quote. */
function nextStop(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === NEWLINE || code === QUOTE) return at;
  }
  return text.length;
}

async function* texts(path: string): AsyncGenerator<string> {
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  const bytes = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // pipe() does not carry errors on; without this a missing file would end the process.
  file.on('error', (error) => bytes.destroy(error));
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (cause) {
    if (cause instanceof DriftwatchError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DriftwatchError({
      code: cause instanceof TypeError ? 'FILE_INVALID' : 'FILE_UNREADABLE',
      message: `Could not read ${path} as text: ${why.replace(/\.$/, '')}.`,
      next: 'Give CSV in UTF-8, a Parquet file or an Avro object container; a name ending in .gz must be gzip.',
      cause,
    });
  } finally {
    file.destroy();
  }
}

const COMMA = 44;
const NEWLINE = 10;
const QUOTE = 34;
const LONGEST = 1 << 24;
const CLOSE = 'Close the quote.';
const DOUBLE = 'Put quotes around the whole value and double those inside.';
