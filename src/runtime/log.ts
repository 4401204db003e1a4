import { pino } from 'pino';

/** What happened, as JSON lines. Five methods, so that anything with them can stand in. */
export interface Log {
  debug(what: object, message: string): void;
  info(what: object, message: string): void;
  warn(what: object, message: string): void;
  error(what: object, message: string): void;
  /** A log whose lines all carry `bound`. */
  child(bound: object): Log;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Opens a log to a file (appended, its directory is created) or, without one, to stderr. Writing is
 * synchronous: the last line before a crash is the one that is wanted.
 */
export function openLog(args: { name: string; level?: LogLevel; file?: string }): Log {
  const destination =
    args.file === undefined
      ? pino.destination({ dest: 2, sync: true })
      : pino.destination({ dest: args.file, sync: true, mkdir: true, append: true });
  return wrap(
    pino(
      {
        level: args.level ?? 'info',
        base: { name: args.name, pid: process.pid },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        serializers: { error: pino.stdSerializers.err, cause: pino.stdSerializers.err },
      },
      destination,
    ),
  );
}

/** A log that says nothing. */
export const silentLog: Log = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silentLog,
};

function nothing(): void {
  // Silent by design.
}

function wrap(logger: pino.Logger): Log {
  return {
    debug: (what, message) => logger.debug(what, message),
    info: (what, message) => logger.info(what, message),
    warn: (what, message) => logger.warn(what, message),
    error: (what, message) => logger.error(what, message),
    child: (bound) => wrap(logger.child(bound)),
  };
}
