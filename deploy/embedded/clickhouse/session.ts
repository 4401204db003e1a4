import { Session } from 'chdb';
import { ClickHouseException, toException } from './errors.ts';
import { quoted } from './settings.ts';

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
  /**
   * The text as the engine reads it, on one line, without comments and in its own quoting; throws the
   * engine's exception when it is not exactly one statement. Runs nothing.
   */
  canonical(sql: string): Promise<string>;
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
        canonical: (sql) => canonical(session, sql),
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

async function canonical(session: Session, sql: string): Promise<string> {
  try {
    const query = `SELECT formatQuerySingleLine(${quoted(sql)})`;
    const result = await session.queryAsync(query, { format: 'TSVRaw' });
    return Buffer.from(result.bytes()).toString('utf8').trimEnd();
  } catch (error) {
    const { code, type, message } = toException(error);
    // What the engine says of our own call behind its exception is no business of the client's.
    const own = message.lastIndexOf(': In scope SELECT formatQuerySingleLine(');
    throw new ClickHouseException({
      code,
      type,
      message: own === -1 ? message : message.slice(0, own),
      cause: error,
    });
  }
}
