import type { Engine } from './session.ts';
import { quoted } from './settings.ts';

/** Stops one query from outside, whether it waits, runs or has ended. */
export interface Canceller {
  /** From here on nobody wants the answer. Safe to call twice. */
  cancel(): void;
  readonly cancelled: boolean;
  /** The query is about to be given to the engine. */
  begin(): void;
  /** The query has ended, whatever the outcome. */
  ended(): void;
}

/**
 * A query is found by the tag in its log_comment, as the engine takes no query_id. ASYNC, because SYNC
 * never returns here. Repeated, because a client may go away before the engine has heard of the query.
 */
export function createCanceller(args: { engine: Engine; tag: string; everyMs?: number }): Canceller {
  const { engine, tag, everyMs = 250 } = args;
  let state: 'waiting' | 'running' | 'ended' = 'waiting';
  let cancelled = false;
  let timer: NodeJS.Timeout | undefined;
  const ask = async (): Promise<void> => {
    await kill(engine, tag);
    if (state === 'running') timer = setTimeout(() => void ask(), everyMs);
  };
  return {
    get cancelled() {
      return cancelled;
    },
    cancel() {
      if (cancelled) return;
      cancelled = true;
      if (state === 'running') void ask();
    },
    begin() {
      state = 'running';
      if (cancelled) void ask();
    },
    ended() {
      state = 'ended';
      clearTimeout(timer);
    },
  };
}

async function kill(engine: Engine, tag: string): Promise<void> {
  const session = engine.open();
  try {
    await session.run(`KILL QUERY WHERE Settings['log_comment'] = ${quoted(tag)} ASYNC`);
  } catch {
    // The query may have ended meanwhile; if not, the next round asks again.
  } finally {
    session.close();
  }
}
