import { focus } from '../detectors/focus.ts';
import { BETS_BELOW, betsOf, FOCUS_WITH_BETS_DEFAULTS } from '../detectors/focus-with-bets.ts';
import { pageHinkleyScaled } from '../detectors/page-hinkley.ts';
import { type ShiryaevRobertsOptions, shiryaevRoberts } from '../detectors/shiryaev-roberts.ts';

/** Detectors whose threshold a simulation can set, with the largest evidence they saw in a whole stream. */
export const CALIBRATED = {
  'focus-with-bets': focusWithBetsMaximum,
  focus: focusMaximum,
  'shiryaev-roberts': shiryaevRobertsMaximum,
  'page-hinkley-scaled': pageHinkleyMaximum,
} as const satisfies Readonly<Record<string, (bits: ArrayLike<number>) => number>>;

export type Calibrated = keyof typeof CALIBRATED;

/** The threshold is raised to each new maximum, so that its quick bound spares nearly all exact evaluations. */
function focusMaximum(bits: ArrayLike<number>): number {
  const silent = focus({ threshold: Number.POSITIVE_INFINITY });
  let most = 5;
  let probe = focus({ threshold: most });
  let state = probe.start();
  for (let i = 0; i < bits.length; i += 1) {
    const x = bits[i] ?? Number.NaN;
    const next = probe.update(state, x);
    if (next.signal !== 'drift') {
      state = next;
      continue;
    }
    most = next.evidence ?? most;
    probe = focus({ threshold: most });
    state = silent.update(state, x);
  }
  return most;
}

/** In the unit of FOCuS: the threshold at which either of the two would just have alarmed. */
function focusWithBetsMaximum(bits: ArrayLike<number>): number {
  const bets = betsOf(FOCUS_WITH_BETS_DEFAULTS);
  return Math.max(focusMaximum(bits), shiryaevRobertsMaximum(bits, bets) + BETS_BELOW);
}

function shiryaevRobertsMaximum(
  bits: ArrayLike<number>,
  options: Partial<Pick<ShiryaevRobertsOptions, 'oddsRatios' | 'weights'>> = {},
): number {
  const silent = shiryaevRoberts({ ...options, threshold: 400 });
  let state = silent.start();
  let most = 0;
  for (let i = 0; i < bits.length; i += 1) {
    state = silent.update(state, bits[i] ?? Number.NaN);
    most = Math.max(most, state.evidence);
  }
  return Math.log(most);
}

function pageHinkleyMaximum(bits: ArrayLike<number>): number {
  const silent = pageHinkleyScaled({ threshold: Number.POSITIVE_INFINITY });
  let state = silent.start();
  let most = 0;
  for (let i = 0; i < bits.length; i += 1) {
    state = silent.update(state, bits[i] ?? Number.NaN);
    if (state.n < 30) continue;
    most = Math.max(most, state.sumUp - state.lowestUp, state.highestDown - state.sumDown);
  }
  return most;
}
