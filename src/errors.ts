/**
 * A failure that a person must act on: broken code or a broken deployment, never bad data.
 * `code` is what callers test, `message` says expected against received, `next` says what to do.
 */
export class DriftwatchError extends Error {
  readonly code: ErrorCode;
  readonly next: string;

  constructor(args: { code: ErrorCode; message: string; next: string; cause?: unknown }) {
    super(args.message, args.cause === undefined ? undefined : { cause: args.cause });
    this.name = 'DriftwatchError';
    this.code = args.code;
    this.next = args.next;
  }
}

/** The two sentences a terminal shows: what happened, what to do. No stack. */
export function sentence(error: unknown): string {
  if (error instanceof DriftwatchError) return `${error.message} ${error.next}`;
  if (error instanceof Error) return error.message;
  return String(error);
}

/** Whether a system did not answer: it may do so later. */
export function isAway(error: unknown): error is DriftwatchError {
  return error instanceof DriftwatchError && AWAY.has(error.code);
}

export const ERROR_CODES = [
  'BROKER_UNREACHABLE',
  'CLICKHOUSE_UNREACHABLE',
  'CLICKHOUSE_REFUSED',
  'CONFIG_INVALID',
  'CONTRACT_INVALID',
  'DIRECTORY_LOCKED',
  'DISK_FULL',
  'DOWNLOAD_FAILED',
  'FILE_INVALID',
  'FILE_UNREADABLE',
  'INVARIANT_BROKEN',
  'LEASE_LOST',
  'MIGRATION_CHANGED',
  'MODEL_REJECTED',
  'NOT_YET',
  'PORT_IN_USE',
  'PROGRAM_MISSING',
  'RECORD_INVALID',
  'REGISTRY_INCOMPATIBLE',
  'REGISTRY_UNREACHABLE',
  'STACK_DID_NOT_START',
  'STORE_UNWRITABLE',
  'TOPIC_MISMATCH',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

const AWAY: ReadonlySet<ErrorCode> = new Set([
  'BROKER_UNREACHABLE',
  'CLICKHOUSE_UNREACHABLE',
  'REGISTRY_UNREACHABLE',
]);
