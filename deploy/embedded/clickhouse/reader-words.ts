import type { Refusal } from './errors.ts';
import { needsServerFile } from './formats.ts';
import { isDeniedFunction, isOutwardFunction } from './reader-lists.ts';
import type { Statement } from './statement.ts';
import { isWord, type Token } from './tokens.ts';

/**
 * Looks at an outside reader's statement word by word. Pure. The statement must be the engine's canonical
 * text, or a comment that only one of the two lexers knows could hide words. Sees what the syntax tree does
 * not show: the condition of SHOW ... WHERE, the function of APPLY, a name with a line break that would
 * forge lines of the tree. The tree itself is judged in reader-guard.ts.
 */
export function judgeWords(args: {
  statement: Statement;
  /** Format the answer takes when the statement names none. */
  format: string;
  params: readonly (readonly [string, string])[];
}): Refusal | undefined {
  const { statement, params } = args;
  const format = statement.format ?? args.format;
  if (!OPENINGS.has(statement.first)) {
    return deny(
      `readers may SELECT, SHOW, DESCRIBE, EXPLAIN and ask EXISTS, not ${statement.first || 'nothing'}`,
    );
  }
  if (statement.outfile) return deny('INTO OUTFILE writes a file on this machine');
  if (needsServerFile(format)) {
    return deny(`the format ${format} reads a schema file of this machine`);
  }
  const { tokens } = statement;
  for (const [i, token] of tokens.entries()) {
    const refusal = judgeToken(token, tokens[i + 1]) ?? judgeName(tokens, i, params);
    if (refusal !== undefined) return refusal;
  }
  return statement.first === 'SHOW' ? judgeShow(tokens) : undefined;
}

/** The first word alone: enough to refuse what plainly is no question, before the engine is asked. Pure. */
export function judgeOpening(first: string): Refusal | undefined {
  if (OPENINGS.has(first)) return undefined;
  return deny(`readers may SELECT, SHOW, DESCRIBE, EXPLAIN and ask EXISTS, not ${first}`);
}

const OPENINGS = new Set(['SELECT', 'WITH', 'FROM', '(', 'SHOW', 'DESC', 'DESCRIBE', 'EXPLAIN', 'EXISTS']);

function judgeToken(token: Token, next: Token | undefined): Refusal | undefined {
  if (token.kind === 'broken') return deny(`"${token.text}" outside of a quoted text cannot be read safely`);
  if (token.kind === 'quoted' && /[\\\p{Cc}\u2028\u2029]/u.test(token.text)) {
    return deny('names with backslashes or control characters are not open to readers');
  }
  if (token.kind !== 'word' && token.kind !== 'quoted') return undefined;
  // With and without a bracket: APPLY takes the bare name.
  if (
    isDeniedFunction(token.text) &&
    (!isOutwardFunction(token.text) || token.text.toLowerCase() === 'file')
  ) {
    return deny(`the function ${token.text} leaves the database`);
  }
  if (next?.text === '(' && next.kind === 'symbol' && isOutwardFunction(token.text)) {
    return deny(`the table function ${token.text} leaves the database`);
  }
  return undefined;
}

/** {name:Identifier} puts the parameter's value in place of a name: only plain names may come in that way. */
function judgeName(
  tokens: readonly Token[],
  i: number,
  params: readonly (readonly [string, string])[],
): Refusal | undefined {
  if (!isWord(tokens[i], 'IDENTIFIER') || tokens[i - 1]?.text !== ':') return undefined;
  const wanted = `param_${tokens[i - 2]?.text}`;
  const odd = params.find(([name, value]) => name === wanted && !/^\w+$/.test(value));
  return odd === undefined ? undefined : deny(`"${odd[1]}" is not a plain name`);
}

/** The tree of SHOW hides its conditions, so only the plain forms pass: names, FROM, LIKE 'text', LIMIT. */
function judgeShow(tokens: readonly Token[]): Refusal | undefined {
  const plain = tokens.every((token) => token.kind !== 'symbol' || token.text === '.' || token.text === ',');
  // SHOW [CHANGED] SETTINGS is a list; SETTINGS further on would set some.
  const condition = tokens.findIndex(
    (token, i) => isWord(token, 'WHERE') || (i > 2 && isWord(token, 'SETTINGS')),
  );
  if (plain && condition === -1) return undefined;
  return deny('SHOW takes FROM and LIKE here; for conditions query system.tables or system.columns');
}

function deny(why: string): Refusal {
  return { code: 497, type: 'ACCESS_DENIED', message: `reader: Not enough privileges: ${why}.` };
}
