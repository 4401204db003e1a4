import { Session } from 'chdb';
import { ClickHouseException, toException } from './errors.ts';

/** What a statement left behind besides its rows. */
export interface Outcome {
  readonly bytes: Uint8Array;
  /** Rows written by an INSERT, rows in the result of everything else: the engine tells no more. */
  readonly rows: number;
  readonly bytesRead: number;
  readonly seconds: number;
}

/** One fresh session: its settings and parameters end with it, so no request can leave anything to another. */
export interface EngineSession {
  run(sql: string, format?: string): Promise<Outcome>;
  /** Throws the server's refusal when the text is not exactly one statement. Runs nothing. */
  assertSingle(sql: string): void;
  close(): void;
}

export interface Engine {
  open(): EngineSession;
  /** Sessions still open, this engine's own one left out. */
  readonly opened: number;
  readonly version: string;
  close(): void;
}

/**
 * Starts the engine on a directory; one process only. Keeps one session, or the engine would stop between
 * requests. `configuration` is a file of server settings, which only the first session can bring.
 */
export async function startEngine(args: { directory: string; configuration: string }): Promise<Engine> {
  const { directory } = args;
  const root = new Session(directory, { connectionArgs: [`--config-file=${args.configuration}`] });
  const version = Buffer.from((await root.queryAsync('SELECT version()', { format: 'TSV' })).bytes())
    .toString('utf8')
    .trim();
  let opened = 0;
  return {
    version,
    get opened() {
      return opened;
    },
    open() {
      const session = new Session(directory);
      opened += 1;
      let closed = false;
      return {
        async run(sql, format = 'TabSeparated') {
          const result = await session.queryAsync(sql, { format });
          return {
            bytes: result.bytes(),
            rows: result.rowsRead,
            bytesRead: result.bytesRead,
            seconds: result.elapsed,
          };
        },
        assertSingle(sql) {
          assertSingle(session, sql);
        },
        close() {
          if (closed) return;
          closed = true;
          opened -= 1;
          session.close();
        },
      };
    },
    close() {
      root.close();
    },
  };
}

/**
 * The ordinary call of the engine runs several statements in a row, even behind EXPLAIN AST. Its streaming
 * call takes one only, and takes no EXPLAIN: asked to stream an EXPLAIN AST it answers 36 when the text is one
 * statement, and 62 otherwise, having run nothing either way.
 */
function assertSingle(session: Session, sql: string): void {
  try {
    session.queryStream(`${PREFIX}${sql}`).cancel();
  } catch (error) {
    const { code, type, message } = toException(error);
    if (code === 36 && message.startsWith('Streaming query is not supported')) return;
    throw new ClickHouseException({ code, type, message: withoutPrefix(message), cause: error });
  }
  throw new ClickHouseException({
    code: 49,
    type: 'LOGICAL_ERROR',
    message: 'The engine streamed an EXPLAIN AST, so it can no longer be told whether this is one statement.',
  });
}

const PREFIX = 'EXPLAIN AST ';

/** Positions as they are in the client's own text. */
function withoutPrefix(message: string): string {
  return message.replace(
    /failed at position (\d+) (.*?)(\(line 1, col (\d+)\))?:/,
    (_, position: string, what: string, line: string | undefined, column: string | undefined) => {
      const place = line === undefined ? what : `${what}(line 1, col ${Number(column) - PREFIX.length})`;
      return `failed at position ${Number(position) - PREFIX.length} ${place}:`;
    },
  );
}
