import type { Readable } from 'node:stream';
import type { Role } from './access.ts';
import type { Answer } from './answer.ts';
import { type Incoming, readIncoming } from './body.ts';
import { type Canceller, createCanceller } from './cancel.ts';
import { ClickHouseException, type Refusal, toException } from './errors.ts';
import { contentType } from './formats.ts';
import type { Gate } from './gate.ts';
import { fromFile, withBodyFile } from './insert-body.ts';
import { LIMITS, MAX_STATEMENT_BYTES, READER_KILL_MS } from './limits.ts';
import { judgeTree } from './reader-guard.ts';
import { judgeWords } from './reader-words.ts';
import type { ParsedRequest } from './request.ts';
import type { ResultPipes } from './result-pipe.ts';
import type { Engine, EngineSession, Outcome } from './session.ts';
import { prepare } from './settings.ts';
import { readStatement, type Statement, withOutput } from './statement.ts';
import { streamResult } from './stream.ts';

export interface ExecutorPorts {
  readonly engine: Engine;
  readonly gates: Readonly<Record<Role, Gate>>;
  readonly pipes: ResultPipes;
  readonly database: string;
  /** Folder for request bodies, on the disk of the tables. */
  readonly temporary: string;
}

export interface Job {
  readonly request: ParsedRequest;
  readonly role: Role;
  readonly tag: string;
  readonly body: Readable | undefined;
  readonly answer: Answer;
  readonly headers: Readonly<Record<string, string>>;
  /** Calls back when the client goes away before the answer has ended. */
  onGone(callback: () => void): void;
}

/** Runs one request from its unread body to the last byte of its answer. Throws what the client must be told. */
export function createExecutor(ports: ExecutorPorts): (job: Job) => Promise<void> {
  const running = new Set<string>();
  return async (job) => {
    const { request, role } = job;
    const maxBytes = MAX_STATEMENT_BYTES[role];
    const incoming = await readIncoming({ sql: request.sql, body: job.body, maxBytes });
    const statement = check(incoming, job);
    const preparation = settingsFor(job, ports.database);
    if (running.has(job.tag)) {
      throw refused(
        216,
        'QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING',
        `Query with id = ${job.tag} is already running.`,
      );
    }
    running.add(job.tag);
    const release = await ports.gates[role].enter();
    if (release === undefined) {
      running.delete(job.tag);
      throw refused(
        202,
        'TOO_MANY_SIMULTANEOUS_QUERIES',
        'Too many readers are waiting; try again in a moment.',
      );
    }
    const canceller = createCanceller({ engine: ports.engine, tag: job.tag });
    job.onGone(() => canceller.cancel());
    const timer = role === 'reader' ? setTimeout(() => canceller.cancel(), READER_KILL_MS) : undefined;
    const session = ports.engine.open();
    try {
      await session.run(preparation.before);
      if (incoming.kind === 'insert') {
        await session.run(preparation.after);
        await insert({ job, ports, session, incoming, canceller });
      } else {
        await select({ job, ports, session, statement, canceller, after: preparation.after });
      }
    } finally {
      clearTimeout(timer);
      canceller.ended();
      session.close();
      running.delete(job.tag);
      release();
    }
  };
}

interface Run {
  readonly job: Job;
  readonly ports: ExecutorPorts;
  readonly session: EngineSession;
  readonly canceller: Canceller;
}

async function insert(args: Run & { incoming: Extract<Incoming, { kind: 'insert' }> }): Promise<void> {
  const { job, ports, session, incoming, canceller } = args;
  const name = `${crypto.randomUUID()}.body`;
  await withBodyFile({ folder: ports.temporary, name, body: incoming.data }, async (path) => {
    const { head, format } = incoming.insert;
    const outcome = await unlessCancelled(
      canceller,
      () => session.run(fromFile({ head, format, path })),
      path,
    );
    await finish(job, outcome, 'TabSeparated');
  });
}

async function select(args: Run & { statement: Statement; after: string }): Promise<void> {
  const { job, ports, session, statement, canceller } = args;
  const { request, role } = job;
  const format = statement.format ?? request.format;
  const plain = statement.sql.slice(0, statement.end);
  if (request.waitEnd || !STREAMED.has(statement.first)) {
    if (role === 'reader') await guard(session, plain, ports.database, undefined);
    await session.run(args.after);
    const outcome = await unlessCancelled(canceller, () => session.run(plain, format));
    return finish(job, outcome, format);
  }
  const pipe = ports.pipes.take();
  try {
    // The guard judges the very text that will run, this front's own output clause included.
    const sql = withOutput(statement, `INTO OUTFILE '${pipe.path}' TRUNCATE`, format);
    if (role === 'reader') await guard(session, sql, ports.database, pipe.path);
    await session.run(args.after);
    const headers = { ...job.headers, ...described(format) };
    const run = (): Promise<Outcome> => unlessCancelled(canceller, () => session.run(sql));
    await streamResult({ pipe, answer: job.answer, headers, run, onGone: () => canceller.cancel() });
  } finally {
    ports.pipes.giveBack(pipe);
  }
}

/** Statements whose result can be sent while it is made; the others answer with little or nothing. */
const STREAMED = new Set(['SELECT', 'WITH', 'FROM', '(']);

async function guard(
  session: EngineSession,
  sql: string,
  database: string,
  outfile: string | undefined,
): Promise<void> {
  session.assertSingle(sql);
  const { bytes } = await session.run(`EXPLAIN AST ${sql}`, 'JSONCompactEachRow');
  const lines = Buffer.from(bytes).toString('utf8').split('\n').filter(Boolean).map(lineOf);
  const refusal = judgeTree({ lines, database, ...(outfile === undefined ? {} : { outfile }) });
  if (refusal !== undefined) throw new ClickHouseException(refusal);
}

function lineOf(row: string): string {
  const cells: unknown = JSON.parse(row);
  return Array.isArray(cells) ? String(cells[0]) : '';
}

/** Everything that can be refused before the engine is asked. */
function check(incoming: Incoming, job: Job): Statement {
  const statement = readStatement(incoming.kind === 'insert' ? incoming.insert.head : incoming.sql);
  if (statement.first === '') throw refused(62, 'SYNTAX_ERROR', 'Empty query');
  if (statement.several)
    throw refused(62, 'SYNTAX_ERROR', 'Multi-statements are not allowed: send one at a time.');
  if (job.role === 'reader') {
    const refusal = judgeWords(statement, job.request.params);
    if (refusal !== undefined) throw new ClickHouseException(refusal);
  }
  const why = unsupported(statement, job.request);
  if (why !== undefined) throw new ClickHouseException(why);
  return statement;
}

function unsupported(statement: Statement, request: ParsedRequest): Refusal | undefined {
  const words = new Set(
    statement.tokens.filter((token) => token.kind === 'word').map((token) => token.text.toUpperCase()),
  );
  const refuse = (code: number, type: string, message: string): Refusal => ({ code, type, message });
  if (request.readonly && !READING.has(statement.first)) {
    return refuse(
      164,
      'READONLY',
      'Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries.',
    );
  }
  if (statement.outfile)
    return refuse(
      48,
      'NOT_IMPLEMENTED',
      'INTO OUTFILE belongs to a client program: take the answer of the request instead.',
    );
  if (statement.infile)
    return refuse(
      78,
      'UNKNOWN_TYPE_OF_QUERY',
      'FROM INFILE belongs to a client program: send the data as the body.',
    );
  if (statement.first === 'KILL' && words.has('SYNC'))
    return refuse(48, 'NOT_IMPLEMENTED', 'KILL ... SYNC never returns in this engine: use ASYNC.');
  if (
    statement.first === 'INSERT' &&
    statement.tokens.some(
      (token, i) => token.text.toLowerCase() === 'input' && statement.tokens[i + 1]?.text === '(',
    )
  ) {
    return refuse(
      48,
      'NOT_IMPLEMENTED',
      'input() is not there in this engine: insert into a table and select from it.',
    );
  }
  return undefined;
}

const READING = new Set([...STREAMED, 'SHOW', 'DESC', 'DESCRIBE', 'EXPLAIN', 'EXISTS', 'CHECK']);

function settingsFor(job: Job, database: string): { before: string; after: string } {
  const { request, role, tag } = job;
  // `default` is the engine's view of the file system here; to a client it means "whatever is usual".
  const asked =
    request.database === undefined || request.database === 'default' ? database : request.database;
  if (role === 'reader' && asked !== database) {
    throw refused(
      497,
      'ACCESS_DENIED',
      `reader: Not enough privileges: the database ${asked} is not open to readers.`,
    );
  }
  const { readonly, params, settings } = request;
  const prepared = prepare({ role, readonly, database: asked, params, settings, limits: LIMITS[role], tag });
  if (prepared.status === 'refused') throw new ClickHouseException(prepared.refusal);
  return prepared.preparation;
}

async function unlessCancelled(
  canceller: Canceller,
  run: () => Promise<Outcome>,
  hide?: string,
): Promise<Outcome> {
  if (canceller.cancelled) throw refused(394, 'QUERY_WAS_CANCELLED', 'Query was cancelled');
  try {
    return await run();
  } catch (error) {
    throw toException(error, hide === undefined ? [] : [hide]);
  }
}

async function finish(job: Job, outcome: Outcome, format: string): Promise<void> {
  job.answer.start({ ...job.headers, ...described(format), 'X-ClickHouse-Summary': summary(outcome) });
  if (outcome.bytes.length > 0) await job.answer.write(outcome.bytes);
  await job.answer.end();
}

function described(format: string): Record<string, string> {
  return { 'Content-Type': contentType(format), 'X-ClickHouse-Format': format };
}

/** The engine does not tell what was read, and one number stands for rows written and rows returned. */
function summary(outcome: Outcome): string {
  const written = outcome.bytes.length === 0;
  return JSON.stringify({
    read_rows: '0',
    read_bytes: '0',
    written_rows: String(written ? outcome.rows : 0),
    written_bytes: String(written ? outcome.bytesRead : 0),
    total_rows_to_read: '0',
    result_rows: String(written ? 0 : outcome.rows),
    result_bytes: String(outcome.bytes.length),
    elapsed_ns: String(Math.round(outcome.seconds * 1e9)),
  });
}

function refused(code: number, type: string, message: string): ClickHouseException {
  return new ClickHouseException({ code, type, message });
}
