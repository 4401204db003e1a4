import { isWord, type Token, tokens } from './tokens.ts';

/** What the HTTP front must know about a statement before the engine sees it. */
export interface Statement {
  readonly sql: string;
  /** First keyword, upper case; `(` for a bracketed select, INSERT also for WITH ... INSERT, empty for an empty text. */
  readonly first: string;
  readonly tokens: readonly Token[];
  /** Format named in the FORMAT clause, where there is one. */
  readonly format: string | undefined;
  /** Where an output clause can be put: before FORMAT, or after the last token. */
  readonly outputAt: number;
  /** Where the statement ends: before a closing semicolon. */
  readonly end: number;
  readonly several: boolean;
  readonly outfile: boolean;
  readonly infile: boolean;
}

/** Reads a statement that carries no data. Pure; never throws: the engine has the last word on syntax. */
export function readStatement(sql: string): Statement {
  const all = [...tokens(sql)];
  const stop = all.findIndex((token) => token.text === ';' && token.kind === 'symbol');
  const own = stop === -1 ? all : all.slice(0, stop);
  const rest = stop === -1 ? [] : all.slice(stop).filter((token) => token.text !== ';');
  const format = own.findLastIndex((token, i) => isFormatClause(own, token, i));
  const end = own.at(-1)?.end ?? 0;
  return {
    sql,
    first: firstOf(own),
    tokens: own,
    format: format === -1 ? undefined : own[format + 1]?.text,
    outputAt: own[format]?.at ?? end,
    end,
    several: rest.length > 0,
    outfile: own.some((token, i) => isWord(token, 'OUTFILE') && isWord(own[i - 1], 'INTO')),
    infile: own.some((token, i) => isWord(token, 'INFILE') && isWord(own[i - 1], 'FROM')),
  };
}

/** `sql` up to and with the clause that sends the result to a file, then the format. */
export function withOutput(statement: Statement, clause: string, format: string): string {
  const head = statement.sql.slice(0, statement.outputAt);
  const tail = statement.sql.slice(statement.outputAt, statement.end);
  return `${head}\n${clause}\n${statement.format === undefined ? `${tail} FORMAT ${format}` : tail}`;
}

function firstOf(own: readonly Token[]): string {
  const inserts = isWord(own[0], 'WITH') && own.some((token) => token.depth === 0 && isWord(token, 'INSERT'));
  return inserts ? 'INSERT' : (own[0]?.text.toUpperCase() ?? '');
}

function isFormatClause(own: readonly Token[], token: Token, i: number): boolean {
  if (token.depth !== 0 || !isWord(token, 'FORMAT') || i === 0) return false;
  const after = own[i + 2];
  const named = own[i + 1]?.kind === 'word' || own[i + 1]?.kind === 'quoted';
  return named && (after === undefined || isWord(after, 'SETTINGS', 'PARALLEL'));
}
