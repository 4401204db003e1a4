import type { Role } from './access.ts';
import type { Refusal } from './errors.ts';
import { LIMITS } from './limits.ts';
import { judgeOpening } from './reader-words.ts';
import type { ParsedRequest } from './request.ts';
import { type Preparation, prepare } from './settings.ts';
import { readStatement, type Statement } from './statement.ts';
import { isCall } from './tokens.ts';

export type Admitted =
  | { status: 'ok'; statement: Statement; preparation: Preparation }
  | { status: 'refused'; refusal: Refusal };

/** Everything that can be refused, and prepared, before the engine is asked. Pure. `sql` is without INSERT data. */
export function admit(args: {
  sql: string;
  request: ParsedRequest;
  role: Role;
  /** The database that requests mean when they name none. */
  database: string;
  tag: string;
  /** Whether data follow the statement. */
  hasData: boolean;
}): Admitted {
  const { request, role, tag } = args;
  const { readonly, params, settings } = request;
  const statement = readStatement(args.sql);
  // `default` is the engine's view of the file system here; to a client it means "whatever is usual".
  const named = request.database === 'default' ? undefined : request.database;
  const database = named ?? args.database;
  const foreign = role === 'reader' && database !== args.database ? databaseRefusal(database) : undefined;
  const opening = role === 'reader' ? judgeOpening(statement.first) : undefined;
  const refusal = malformed(statement) ?? opening ?? unsupported(statement, { ...args, readonly }) ?? foreign;
  if (refusal !== undefined) return { status: 'refused', refusal };
  const prepared = prepare({ role, readonly, database, params, settings, limits: LIMITS[role], tag });
  return prepared.status === 'refused' ? prepared : { ...prepared, statement };
}

/** Statements whose result can be sent while it is made; the others answer with little or nothing. */
export const STREAMED: ReadonlySet<string> = new Set(['SELECT', 'WITH', 'FROM', '(']);

const READING = new Set([...STREAMED, 'SHOW', 'DESC', 'DESCRIBE', 'EXPLAIN', 'EXISTS', 'CHECK']);

function malformed(statement: Statement): Refusal | undefined {
  if (statement.first === '') return refuse(62, 'SYNTAX_ERROR', 'Empty query.');
  if (!statement.several) return undefined;
  return refuse(62, 'SYNTAX_ERROR', 'Multi-statements are not allowed: send one statement per request.');
}

function unsupported(
  statement: Statement,
  { readonly, hasData }: { readonly: boolean; hasData: boolean },
): Refusal | undefined {
  const { first, tokens } = statement;
  const words = tokens.filter((token) => token.kind === 'word').map((token) => token.text.toUpperCase());
  if (readonly && !READING.has(first)) return refuse(164, 'READONLY', GET_READS);
  if (statement.outfile) return refuse(48, 'NOT_IMPLEMENTED', 'INTO OUTFILE: the answer is the file here.');
  if (statement.infile) {
    return refuse(78, 'UNKNOWN_TYPE_OF_QUERY', 'FROM INFILE: send the data as the body of the request.');
  }
  if (first === 'KILL' && words.includes('SYNC')) {
    return refuse(48, 'NOT_IMPLEMENTED', 'KILL ... SYNC never returns in this engine: use ASYNC.');
  }
  if (!hasData && first === 'INSERT' && tokens.some((token, i) => isCall(token, 'input', tokens[i + 1]))) {
    return refuse(48, 'NOT_IMPLEMENTED', 'input() stands for the data behind FORMAT, and there are none.');
  }
  return undefined;
}

const GET_READS =
  'Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries.';

function databaseRefusal(name: string): Refusal {
  const message = `reader: Not enough privileges: the database ${name} is not open to readers.`;
  return refuse(497, 'ACCESS_DENIED', message);
}

function refuse(code: number, type: string, message: string): Refusal {
  return { code, type, message };
}
