import { DriftwatchError } from '../errors.ts';

/**
 * For `driftwatch chaos`: where a process is to be killed. The text is `STEP:NTH:DELAY:PID`: the NTH time the
 * labelled step is reached, SIGKILL goes DELAY milliseconds later to the process PID, or to this one when PID
 * is 0. Undefined or empty: nowhere. Throws CONFIG_INVALID for any other text.
 */
export function crashPoint(text: string | undefined): { onStep?: (step: string) => void } {
  if (text === undefined || text === '') return {};
  const [, step, nth, delay, pid] = /^([a-z-]+):(\d+):(\d+):(\d+)$/.exec(text) ?? [];
  if (step === undefined) {
    throw new DriftwatchError({
      code: 'CONFIG_INVALID',
      message: `DRIFTWATCH_CRASH_AT is "${text}", not STEP:NTH:DELAY:PID.`,
      next: 'Leave it unset: it is for driftwatch chaos.',
    });
  }
  const victim = Number(pid) === 0 ? process.pid : Number(pid);
  let visits = 0;
  return {
    onStep(reached) {
      if (reached !== step) return;
      visits += 1;
      if (visits !== Number(nth)) return;
      if (Number(delay) === 0) kill(victim);
      else setTimeout(() => kill(victim), Number(delay));
    },
  };
}

/** The victim may be gone already, by another way. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // There is nobody left to kill.
  }
}
