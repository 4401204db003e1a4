import { contentType } from './formats.ts';
import type { Outcome } from './session.ts';

/** Headers that say what an answer's bytes are. */
export function formatHeaders(format: string): Record<string, string> {
  return { 'Content-Type': contentType(format), 'X-ClickHouse-Format': format };
}

/**
 * X-ClickHouse-Summary. The engine does not tell what was read, and has one number that is rows written for
 * an INSERT from a body and rows returned for everything else (0 for INSERT ... SELECT): never read it as a
 * count of rows read.
 */
export function summary(outcome: Outcome, kind: 'written' | 'result' = 'result'): string {
  const written = kind === 'written';
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
