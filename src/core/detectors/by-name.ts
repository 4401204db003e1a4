import { DriftwatchError } from '../../errors.ts';
import type { Detector } from '../detector.ts';
import { cusum } from './cusum.ts';
import { focus } from './focus.ts';
import { focusWithBetsAt } from './focus-with-bets.ts';
import { DEFAULT_ERROR_DETECTOR, DETECTORS } from './index.ts';
import { pageHinkley, pageHinkleyScaled } from './page-hinkley.ts';
import { shiryaevRoberts } from './shiryaev-roberts.ts';
import { stepd } from './stepd.ts';

/**
 * The detector behind a name, spelt as here or as elsewhere (`HDDM_A`, `SEEDChangeDetector`, `CusumDM`).
 * `default` is the one for error streams, `stepd-moa` is STEPD with MOA's alarms on constant streams, and
 * `name@number` sets the threshold where there is one.
 *
 * @throws CONFIG_INVALID for an unknown name, with the known ones.
 */
export function detectorByName(text: string): Detector {
  const [name = '', threshold] = text.split('@');
  if (threshold !== undefined) return withThreshold(name, Number(threshold), text);
  const known = find(name);
  if (known !== undefined) return known;
  throw unknown(text, DETECTORS.map((d) => d.name).join(', '));
}

function find(name: string): Detector | undefined {
  if (name === 'default') return DEFAULT_ERROR_DETECTOR;
  const all: readonly Detector[] = [...DETECTORS, { ...stepd({ likeMoa: true }), name: 'stepd-moa' }];
  const plain = bare(name);
  const short = plain.replace(/(changedetector|test|dm)$/, '');
  return all.find((d) => bare(d.name) === plain) ?? all.find((d) => bare(d.name) === short);
}

function withThreshold(name: string, threshold: number, text: string): Detector {
  const make = TUNABLE.find((d) => d.name === find(name)?.name)?.make;
  if (make === undefined || !(threshold > 0)) {
    throw unknown(text, `${TUNABLE.map((d) => `${d.name}@number`).join(', ')}, number above 0`);
  }
  return make(threshold);
}

function unknown(text: string, known: string): DriftwatchError {
  return new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `There is no detector ${text}.`,
    next: `Known are: default, ${known}.`,
  });
}

function bare(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

const TUNABLE: readonly { name: string; make: (threshold: number) => Detector }[] = [
  { name: 'focus', make: (threshold) => focus({ threshold }) },
  { name: 'focus-with-bets', make: focusWithBetsAt },
  { name: 'shiryaev-roberts', make: (threshold) => shiryaevRoberts({ threshold }) },
  { name: 'page-hinkley', make: (threshold) => pageHinkley({ threshold }) },
  { name: 'page-hinkley-scaled', make: (threshold) => pageHinkleyScaled({ threshold }) },
  { name: 'cusum', make: (threshold) => cusum({ threshold }) },
];
