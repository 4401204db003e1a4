import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isCall, isWord, type Token, tokens } from './tokens.ts';

/** An INSERT whose data follows it: the statement up to FORMAT, the format, and where the data begins. */
export interface InsertHead {
  readonly head: string;
  readonly format: string;
  readonly dataAt: number;
}

/**
 * Finds `INSERT ... FORMAT X` at the start of a text that may go on with data of any kind
 * (hand it over as latin1, so that positions are bytes). Undefined for every other statement,
 * also for VALUES and INSERT ... SELECT, which the engine takes as they are, unless it selects from input(),
 * which stands for the data. Pure.
 */
export function splitInsert(text: string): InsertHead | undefined {
  const seen: Token[] = [];
  let selects = false;
  for (const token of tokens(text)) {
    seen.push(token);
    if (seen.length === 1 && !isWord(token, 'INSERT')) return undefined;
    // INSERT INTO [TABLE] name: a table may be called anything, so the search starts behind it.
    if (seen.length < FIRST_AFTER_NAME || token.depth !== 0) continue;
    if (isWord(token, 'VALUES', 'WATCH', 'INFILE')) return undefined;
    selects ||= isWord(token, 'SELECT', 'WITH');
    const before = seen.length > FIRST_AFTER_NAME ? seen.at(-2) : undefined;
    if (token.kind !== 'word' || before === undefined || !isWord(before, 'FORMAT') || before.depth !== 0)
      continue;
    if (selects && !seen.some((one, i) => isCall(one, 'input', seen[i + 1]))) return undefined;
    const gap = /[ \t]*(?:\r?\n)?/y;
    gap.lastIndex = token.end;
    const dataAt = token.end + (gap.exec(text)?.[0].length ?? 0);
    return { head: text.slice(0, before.at).trimEnd(), format: token.text, dataAt };
  }
  return undefined;
}

/** The same INSERT, reading its data from a file on this machine. Pure. */
export function fromFile(args: { head: string; format: string; path: string }): string {
  const selecting = fromInput(args);
  if (selecting !== undefined) return selecting;
  const settings = settingsAt(args.head);
  const names = settings === undefined ? args.head : args.head.slice(0, settings);
  const rest = settings === undefined ? '' : ` ${args.head.slice(settings)}`;
  return `${names} FROM INFILE '${args.path}' COMPRESSION 'none'${rest} FORMAT ${args.format}`;
}

/** Writes the body beside the tables, hands the path over, and deletes the file whatever happens. */
export async function withBodyFile<T>(
  args: { folder: string; name: string; body: Readable },
  use: (path: string) => Promise<T>,
): Promise<T> {
  const path = join(args.folder, args.name);
  try {
    await pipeline(args.body, createWriteStream(path, { mode: 0o600, highWaterMark: 1 << 20 }));
    return await use(path);
  } finally {
    await rm(path, { force: true });
  }
}

const FIRST_AFTER_NAME = 4;

/** INSERT ... SELECT ... FROM input('structure'): the same columns of the file. */
function fromInput(args: { head: string; format: string; path: string }): string | undefined {
  const all = [...tokens(args.head)];
  const call = all.findIndex((token, i) => isCall(token, 'input', all[i + 1]));
  const open = all[call + 1];
  const close = all.find((token, i) => i > call + 1 && token.text === ')' && token.depth === open?.depth);
  if (call === -1 || open === undefined || close === undefined) return undefined;
  const structure = args.head.slice(open.end, close.at);
  const file = `file('${args.path}', '${args.format}', ${structure})`;
  return `${args.head.slice(0, all[call]?.at)}${file}${args.head.slice(close.end)}`;
}

/** SETTINGS must stay behind FROM INFILE. */
function settingsAt(head: string): number | undefined {
  return [...tokens(head)].find((token) => token.depth === 0 && isWord(token, 'SETTINGS'))?.at;
}
