import type { Engine } from './session.ts';
import { quoted } from './settings.ts';

/** Stops one running query from outside. */
export interface Canceller {
  /** Asks the engine to stop the query, again and again until it has ended. Safe to call twice. */
  cancel(): void;
  readonly cancelled: boolean;
  /** Call when the query has ended, whatever the outcome. */
  ended(): void;
}

/**
 * A query is found by the tag in its log_comment, as the engine takes no query_id. ASYNC, because SYNC
 * never returns here. Repeated, because a client may go away before the engine has heard of the query.
 */
export function createCanceller(args: { engine: Engine; tag: string; everyMs?: number }): Canceller {
  const { engine, tag, everyMs = 250 } = args;
  let cancelled = false;
  let done = false;
  let timer: NodeJS.Timeout | undefined;
  const ask = async (): Promise<void> => {
    if (done) return;
    await kill(engine, tag);
    if (!done) timer = setTimeout(() => void ask(), everyMs);
  };
  return {
    get cancelled() {
      return cancelled;
    },
    cancel() {
      if (cancelled || done) return;
      cancelled = true;
      void ask();
    },
    ended() {
      done = true;
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
