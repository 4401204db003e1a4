/**
 * Rows in columns that stand under each other, two spaces apart. With a width every line is cut to it; colours
 * come last, so they never count as characters.
 */
export function textTable(args: {
  rows: readonly (readonly Cell[])[];
  style: Style;
  /** Spaces before every line. */
  indent?: number;
}): string[] {
  const widths: number[] = [];
  for (const row of args.rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, textOf(cell).length);
    }
  }
  const indent = args.indent ?? 0;
  return args.rows.map((row) => {
    let left = (args.style.columns ?? Number.POSITIVE_INFINITY) - indent;
    let line = ' '.repeat(indent);
    for (const [column, cell] of row.entries()) {
      if (left <= 0) break;
      const last = column === row.length - 1;
      const text = cut(padded(cell, last ? 0 : (widths[column] ?? 0)), left);
      line += paint(text, toneOf(cell), args.style);
      left -= text.length + GAP.length;
      if (!last && left > 0) line += GAP;
    }
    return line.trimEnd();
  });
}

/** A cell: its text, or its text with how it looks. */
export type Cell = string | { readonly text: string; readonly tone?: Tone; readonly right?: boolean };

export interface Style {
  /** Characters of a line; undefined does not cut. */
  readonly columns?: number;
  readonly colour?: boolean;
}

export type Tone = 'title' | 'quiet' | 'bad' | 'warning' | 'good' | 'marked';

/** The text in its colour, where colours are asked for. */
export function paint(text: string, tone: Tone | undefined, style: Style): string {
  if (tone === undefined || style.colour !== true || text.trim() === '') return text;
  return `${CODES[tone]}${text}${RESET}`;
}

/** Cut to a length with a mark that it was cut. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return length < 1 ? '' : `${text.slice(0, length - 1)}…`;
}

/** Names come from the records of others: what would move the cursor or change colours is shown as a mark. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\ufffd');
}

function padded(cell: Cell, width: number): string {
  const text = textOf(cell);
  return typeof cell !== 'string' && cell.right === true ? text.padStart(width) : text.padEnd(width);
}

function textOf(cell: Cell): string {
  return printable(typeof cell === 'string' ? cell : cell.text);
}

function toneOf(cell: Cell): Tone | undefined {
  return typeof cell === 'string' ? undefined : cell.tone;
}

const GAP = '  ';
const RESET = '\u001b[0m';
const CODES: Readonly<Record<Tone, string>> = {
  title: '\u001b[1m',
  quiet: '\u001b[2m',
  bad: '\u001b[31m',
  warning: '\u001b[33m',
  good: '\u001b[32m',
  marked: '\u001b[35m',
};
