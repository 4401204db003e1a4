import { writeSync } from 'node:fs';
import { DriftwatchError } from '../errors.ts';

/**
 * For `driftwatch chaos`: where a process is to be killed. The text is `STEP:NTH:DELAY`, or several of them with
 * commas between: the NTH time the labelled step is reached, SIGKILL follows DELAY milliseconds later, whichever
 * comes first; behind `SIGUSR2,` they count from that signal on. The step is the last thing that the process prints.
 * Undefined or empty: nowhere. Throws CONFIG_INVALID for any other text.
 */
export function crashPoint(text: string | undefined): { onStep?: (step: string) => void } {
  if (text === undefined || text === '') return {};
  const waits = text.startsWith(SIGNAL);
  let armed = !waits;
  if (waits) {
    process.once('SIGUSR2', () => {
      armed = true;
    });
  }
  const points = text
    .slice(waits ? SIGNAL.length : 0)
    .split(',')
    .map((point) => {
      const [, step, nth, delay] = /^([a-z-]+):(\d+):(\d+)$/.exec(point) ?? [];
      if (step !== undefined) return { step, left: Number(nth), delayMs: Number(delay) };
      throw new DriftwatchError({
        code: 'CONFIG_INVALID',
        message: `DRIFTWATCH_CRASH_AT has "${point}", which is not STEP:NTH:DELAY.`,
        next: 'Leave it unset: it is for driftwatch chaos.',
      });
    });
  return {
    onStep(reached) {
      if (!armed) return;
      for (const point of points) {
        if (point.step !== reached) continue;
        point.left -= 1;
        if (point.left !== 0) continue;
        if (point.delayMs === 0) kill(reached);
        else setTimeout(() => kill(reached), point.delayMs);
      }
    },
  };
}

const SIGNAL = 'SIGUSR2,';

function kill(step: string): void {
  // Not through a stream: nothing is flushed any more.
  writeSync(1, `killed at ${step}\n`);
  process.kill(process.pid, 'SIGKILL');
}
