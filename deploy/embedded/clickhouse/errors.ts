/** A ClickHouse exception on its way to a client: what the engine or this front refused, with the server's code. */
export class ClickHouseException extends Error {
  readonly code: number;
  readonly type: string;

  constructor(args: { code: number; type: string; message: string; cause?: unknown }) {
    super(args.message, args.cause === undefined ? undefined : { cause: args.cause });
    this.name = 'ClickHouseException';
    this.code = args.code;
    this.type = args.type;
  }
}

/** A refusal as a value: pure code returns it, the edge throws it. */
export interface Refusal {
  readonly code: number;
  readonly type: string;
  readonly message: string;
}

/** Any failure as a ClickHouse exception. `hide` are paths of ours that must not reach a client. */
export function toException(error: unknown, hide: readonly string[] = []): ClickHouseException {
  if (error instanceof ClickHouseException) return error;
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
    const message = 'No space left on the disk of the tables.';
    return new ClickHouseException({ code: 243, type: 'NOT_ENOUGH_SPACE', message, cause: error });
  }
  let text = unwrapped(error instanceof Error ? error.message : String(error));
  for (const path of hide) text = text.replaceAll(path, 'request body');
  const parts = /^Code: (\d+)\. DB::Exception: ([\s\S]*?)(?: \(([A-Z0-9_]+)\))?$/.exec(text);
  if (parts === null) {
    return new ClickHouseException({ code: 1002, type: 'UNKNOWN_EXCEPTION', message: text, cause: error });
  }
  const [, code = '1002', message = text, type = 'UNKNOWN_EXCEPTION'] = parts;
  return new ClickHouseException({ code: Number(code), type, message, cause: error });
}

/** The text a ClickHouse server puts in the body. */
export function exceptionText(error: ClickHouseException, version: string): string {
  return `Code: ${error.code}. DB::Exception: ${error.message} (${error.type}) (version ${version})\n`;
}

/** HTTP status for an exception code, following the table of the ClickHouse server. */
export function httpStatus(code: number): number {
  return STATUS.get(code) ?? 500;
}

/** The engine nests its own text when it fails below another call: keep the innermost. */
function unwrapped(message: string): string {
  const nested = /^Code: (\d+)\. DB::Exception: (Code: \1\. DB::Exception: [\s\S]*?) \([A-Z0-9_]+\)$/.exec(
    message.trim(),
  );
  if (nested?.[2] === undefined) return message.trim();
  return unwrapped(nested[2].replace(/ \(version [^)]*\)\.?\s*$/, ''));
}

/** Codes in the groups the server uses; every other code is 500. */
const STATUS: ReadonlyMap<number, number> = new Map<number, number>([
  // BAD_ARGUMENTS, CANNOT_PARSE_*, INCORRECT_DATA, TYPE_MISMATCH, SYNTAX_ERROR, TOO_DEEP_AST and the like
  ...each(400, [6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 376]),
  ...each(400, [427, 441, 675, 676]),
  // UNKNOWN_FUNCTION, _IDENTIFIER, _TYPE, _STORAGE, _TABLE, _AGGREGATE_FUNCTION, _FORMAT, _DATABASE, _SETTING ...
  ...each(404, [46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511]),
  // UNKNOWN_USER, WRONG_PASSWORD, ACCESS_DENIED, SET_NON_GRANTED_ROLE, AUTHENTICATION_FAILED
  ...each(403, [192, 193, 497, 512, 516]),
  // CANNOT_OPEN_FILE, SOCKET_TIMEOUT, CANNOT_SCHEDULE_TASK; and TOO_MANY_SIMULTANEOUS_QUERIES, which a
  // server calls 500 and clients then do not try again
  ...each(503, [76, 202, 209, 439]),
  [194, 401], // REQUIRED_PASSWORD
  [159, 408], // TIMEOUT_EXCEEDED
  [381, 411], // HTTP_LENGTH_REQUIRED
  [229, 413], // QUERY_IS_TOO_LARGE
  [779, 415], // UNSUPPORTED_MEDIA_TYPE
  [48, 501], // NOT_IMPLEMENTED
]);

function each(status: number, codes: readonly number[]): (readonly [number, number])[] {
  return codes.map((code) => [code, status] as const);
}
