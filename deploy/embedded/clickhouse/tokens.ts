/** One lexical piece of a statement. `at` and `end` are positions in the text, `depth` counts open brackets. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'broken';
  /** As written; for quoted names without the quotes and with escapes left alone. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
  readonly depth: number;
}

/**
 * Cuts ClickHouse SQL into tokens, skipping space and comments. Lazy, because what follows
 * an INSERT head is data and must not be read as SQL. `broken` stands for anything that is not
 * plain ASCII syntax (an unclosed quote, a typographic quote, a control character).
 */
export function* tokens(sql: string): Generator<Token> {
  let at = 0;
  let depth = 0;
  while (at < sql.length) {
    const gap = match(GAP, sql, at);
    if (gap !== undefined) {
      at += gap.length;
      continue;
    }
    const [kind, text] = piece(sql, at);
    if (kind === 'symbol' && CLOSING.has(text)) depth = Math.max(0, depth - 1);
    const inner = kind === 'quoted' ? text.slice(1, -1) : text;
    yield { kind, text: inner, at, end: at + text.length, depth };
    if (kind === 'symbol' && OPENING.has(text)) depth += 1;
    at += text.length;
  }
}

/** True where the token is this keyword, in any case. */
export function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text.toUpperCase());
}

/** True where a function of this name is called, in any case. */
export function isCall(token: Token, name: string, next: Token | undefined): boolean {
  return token.kind === 'word' && token.text.toLowerCase() === name && next?.text === '(';
}

const OPENING = new Set(['(', '[', '{']);
const CLOSING = new Set([')', ']', '}']);
const GAP = /(?:[ \t\r\n\f\v]+|--[^\n]*|\/\/[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?\*\/)/y;
const PIECES: readonly (readonly [Token['kind'], RegExp])[] = [
  ['string', /'(?:[^'\\]|\\[\s\S]|'')*'/y],
  ['quoted', /"(?:[^"\\]|\\[\s\S]|"")*"/y],
  ['quoted', /`(?:[^`\\]|\\[\s\S]|``)*`/y],
  ['string', /\$(\w*)\$[\s\S]*?\$\1\$/y],
  ['word', /[A-Za-z_][\w$]*/y],
  ['number', /\d(?:[eE][+-]?\d|[\w.])*/y],
  ['symbol', /[!-/:-@[-^{-~]/y],
];

function piece(sql: string, at: number): readonly [Token['kind'], string] {
  for (const [kind, pattern] of PIECES) {
    const text = match(pattern, sql, at);
    if (text === undefined) continue;
    // A quote that opens nothing would otherwise pass as a symbol.
    if (kind === 'symbol' && /['"`]/.test(text)) return ['broken', text];
    return [kind, text];
  }
  return ['broken', sql.charAt(at)];
}

function match(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}
