import type { Readable } from 'node:stream';
import type { Role } from './access.ts';
import { admit, STREAMED } from './admit.ts';
import type { Answer } from './answer.ts';
import { readIncoming } from './body.ts';
import { type Canceller, createCanceller } from './cancel.ts';
import { ClickHouseException, toException } from './errors.ts';
import type { Gate } from './gate.ts';
import { fromFile, withBodyFile } from './insert-body.ts';
import { LIMITS, MAX_STATEMENT_BYTES, READER_KILL_MS } from './limits.ts';
import { judgeTree } from './reader-guard.ts';
import { judgeWords } from './reader-words.ts';
import { formatHeaders, summary } from './report.ts';
import type { ParsedRequest } from './request.ts';
import type { ResultPipes } from './result-pipe.ts';
import type { Engine, EngineSession, Outcome } from './session.ts';
import type { Preparation } from './settings.ts';
import { readStatement, type Statement, withOutput } from './statement.ts';
import { streamResult, USUAL_HOLD_BACK } from './stream.ts';

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
  /** The query id: visible as log_comment, and unique among running queries. */
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
    const { request, role, tag } = job;
    const maxBytes = MAX_STATEMENT_BYTES[role];
    const incoming = await readIncoming({ sql: request.sql, body: job.body, maxBytes });
    const sql = incoming.kind === 'insert' ? incoming.insert.head : incoming.sql;
    const hasData = incoming.kind === 'insert';
    const admitted = admit({ sql, request, role, database: ports.database, tag, hasData });
    if (admitted.status === 'refused') throw new ClickHouseException(admitted.refusal);
    if (running.has(tag)) throw sameId(tag);
    running.add(tag);
    const canceller = createCanceller({ engine: ports.engine, tag });
    job.onGone(() => canceller.cancel());
    const run = { job, ports, canceller, ...admitted };
    try {
      if (incoming.kind === 'statement') {
        await inSession(run, (session) => select({ ...run, session }));
        return;
      }
      const { head, format } = incoming.insert;
      const name = `${crypto.randomUUID()}.body`;
      // The body comes first: a client that sends slowly holds no session and no thread.
      await withBodyFile({ folder: ports.temporary, name, body: incoming.data }, (path) =>
        inSession(run, (session) => insert({ ...run, session, sql: fromFile({ head, format, path }), path })),
      );
    } finally {
      running.delete(tag);
    }
  };
}

interface Run {
  readonly job: Job;
  readonly ports: ExecutorPorts;
  readonly canceller: Canceller;
  readonly statement: Statement;
  readonly preparation: Preparation;
}

interface Running extends Run {
  readonly session: EngineSession;
}

/** Waits for a slot, opens a session of its own for the query, and stops readers that take too long. */
async function inSession(run: Run, use: (session: EngineSession) => Promise<void>): Promise<void> {
  const { ports, job, canceller } = run;
  const release = await ports.gates[job.role].enter();
  if (release === undefined) throw tooMany();
  canceller.begin();
  const timer = job.role === 'reader' ? setTimeout(() => canceller.cancel(), READER_KILL_MS) : undefined;
  const session = ports.engine.open();
  try {
    if (canceller.cancelled) throw cancelled();
    // Between the two halves of its preparation a reader's statement is judged; a writer's is not.
    const { before, after } = run.preparation;
    await session.run(job.role === 'writer' ? `${before}; ${after}` : before);
    await use(session);
  } finally {
    clearTimeout(timer);
    canceller.ended();
    session.close();
    release();
  }
}

async function insert(run: Running & { sql: string; path: string }): Promise<void> {
  await settle(run);
  try {
    await finish(run.job, await perform(run, () => run.session.run(run.sql)), 'TabSeparated');
  } catch (error) {
    throw toException(error, [run.path]);
  }
}

async function select(run: Running): Promise<void> {
  const { job, session, statement } = run;
  let prepared: Promise<unknown> | undefined;
  const settleOnce = (): Promise<unknown> => {
    prepared ??= settle(run);
    return prepared;
  };
  const sql = statement.sql.slice(0, statement.end);
  // A writer who waits for the end gets the whole result at once: no pipe is needed to hold it.
  const atOnce = job.role === 'writer' && job.request.waitEnd;
  if (STREAMED.has(statement.first) && !atOnce) {
    const failure = await stream({ ...run, settle: settleOnce });
    if (failure === undefined) return;
    if (failure.code !== 62) throw failure;
    // Our clause is in the way of the syntax exception: the client's own text is put to the engine, so that
    // the exception speaks of that. A reader's text is not run without the clause, which bounds the answer.
    if (job.role === 'reader') {
      await session.canonical(sql);
      throw failure;
    }
  } else if (job.role === 'reader') await guard({ ...run, sql });
  const format = statement.format ?? job.request.format;
  await settleOnce();
  await finish(job, await perform(run, () => session.run(sql, format)), format);
}

/** The second half of the preparation, unless the session began with it. */
async function settle({ job, session, preparation }: Running): Promise<void> {
  if (job.role === 'reader') await session.run(preparation.after);
}

/** Resolves with the exception when nothing has been sent yet. */
async function stream(
  run: Running & { settle(): Promise<unknown> },
): Promise<ClickHouseException | undefined> {
  const { job, ports, session, statement, canceller } = run;
  const format = statement.format ?? job.request.format;
  const pipe = ports.pipes.take();
  try {
    const sql = withOutput(statement, toPipe(pipe.path), format);
    if (job.role === 'reader') await guard({ ...run, sql, outfile: pipe.path });
    await run.settle();
    return await streamResult({
      pipe,
      answer: job.answer,
      headers: { ...job.headers, ...formatHeaders(format) },
      holdBack: job.request.waitEnd ? Number.POSITIVE_INFINITY : USUAL_HOLD_BACK,
      maxBytes: LIMITS[job.role].max_result_bytes || Number.POSITIVE_INFINITY,
      run: () => perform(run, () => session.run(sql)),
      cancel: () => canceller.cancel(),
    });
  } catch (error) {
    return toException(error, [pipe.path]);
  } finally {
    ports.pipes.giveBack(pipe);
  }
}

/**
 * Judges the very text that will run: first its words in the engine's own spelling, then its syntax tree.
 * The tree is asked for with the canonical text, whose clauses cannot be taken for EXPLAIN's own.
 */
async function guard(run: Running & { sql: string; outfile?: string }): Promise<void> {
  const { job, session, outfile, ports } = run;
  const { params, format } = job.request;
  const canonical = await session.canonical(run.sql);
  const ours = outfile === undefined ? '' : ` ${toPipe(outfile)}`;
  const statement = readStatement(canonical.replace(ours, ''));
  const words = judgeWords({ statement, format, params });
  if (words !== undefined) throw new ClickHouseException(words);
  const { bytes } = await session.run(`EXPLAIN AST ${canonical}`, 'JSONCompactEachRow');
  const rows = Buffer.from(bytes).toString('utf8').split('\n').filter(Boolean);
  const tree = { lines: rows.map(lineOf), database: ports.database };
  const refusal = judgeTree(outfile === undefined ? tree : { ...tree, outfile });
  if (refusal !== undefined) throw new ClickHouseException(refusal);
}

/** The clause that sends a result into one of our pipes, spelled as the engine spells it. */
function toPipe(path: string): string {
  return `INTO OUTFILE '${path}' TRUNCATE`;
}

function lineOf(row: string): string {
  const cells: unknown = JSON.parse(row);
  return Array.isArray(cells) ? String(cells[0]) : '';
}

async function perform(run: Running, call: () => Promise<Outcome>): Promise<Outcome> {
  if (run.canceller.cancelled) throw cancelled();
  return call();
}

async function finish(job: Job, outcome: Outcome, format: string): Promise<void> {
  const kind = outcome.bytes.length === 0 ? 'written' : 'result';
  job.answer.start({
    ...job.headers,
    ...formatHeaders(format),
    'X-ClickHouse-Summary': summary(outcome, kind),
  });
  if (outcome.bytes.length > 0) await job.answer.write(outcome.bytes);
  await job.answer.end();
}

function cancelled(): ClickHouseException {
  return new ClickHouseException({ code: 394, type: 'QUERY_WAS_CANCELLED', message: 'Query was cancelled.' });
}

function sameId(tag: string): ClickHouseException {
  const message = `Query with id = ${tag} is already running.`;
  return new ClickHouseException({ code: 216, type: 'QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING', message });
}

function tooMany(): ClickHouseException {
  const message = 'Too many readers are waiting already; try again in a moment.';
  return new ClickHouseException({ code: 202, type: 'TOO_MANY_SIMULTANEOUS_QUERIES', message });
}
