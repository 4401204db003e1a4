import { createRequire } from 'node:module';
import { DriftwatchError } from '../../errors.ts';

/**
 * kafkajs 2.2.4 re-arms a timer with a negative delay whenever nothing is pending: an idle connection
 * burns a thousand timers a second and Node 24 prints TimeoutNegativeWarning (upstream issue 1751). The
 * method is replaced by one that arms a timer only while something is pending. Throws when the method
 * is not there, so that another kafkajs version is noticed at start and not by its CPU time.
 */
export function patchIdleTimer(): void {
  if (patched) return;
  const target: unknown = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js');
  const prototype: unknown = typeof target === 'function' ? target.prototype : undefined;
  if (
    typeof prototype !== 'object' ||
    prototype === null ||
    typeof Reflect.get(prototype, 'scheduleCheckPendingRequests') !== 'function' ||
    typeof Reflect.get(prototype, 'checkPendingRequests') !== 'function'
  ) {
    throw new DriftwatchError({
      code: 'INVARIANT_BROKEN',
      message: 'This kafkajs has no RequestQueue.scheduleCheckPendingRequests; 2.2.4 was expected.',
      next: 'Install the version of kafkajs that package.json names.',
    });
  }
  Reflect.set(prototype, 'scheduleCheckPendingRequests', scheduleCheckPendingRequests);
  patched = true;
}
let patched = false;

interface RequestQueue {
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  readonly throttledUntil: number;
  readonly pending: readonly unknown[];
  checkPendingRequests(): void;
}

const CHECK_MS = 10;

function scheduleCheckPendingRequests(this: RequestQueue): void {
  if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
  const throttledMs = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledMs > 0 ? throttledMs : CHECK_MS,
  );
}
