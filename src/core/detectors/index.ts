import type { Detector } from '../detector.ts';
import { adwin } from './adwin.ts';
import { cusum } from './cusum.ts';
import { ddm } from './ddm.ts';
import { eDetector } from './e-detector.ts';
import { eddm } from './eddm.ts';
import { ewmaChart } from './ewma-chart.ts';
import { fhddm } from './fhddm.ts';
import { focus } from './focus.ts';
import { focusWithBets } from './focus-with-bets.ts';
import { hddmA } from './hddm-a.ts';
import { hddmW } from './hddm-w.ts';
import { kswin } from './kswin.ts';
import { pageHinkley, pageHinkleyScaled } from './page-hinkley.ts';
import { rddm } from './rddm.ts';
import { seed } from './seed.ts';
import { shiryaevRoberts } from './shiryaev-roberts.ts';
import { stepd } from './stepd.ts';

/** The detector that runs on error streams when nobody names one. */
export const DEFAULT_ERROR_DETECTOR = focusWithBets();

/** Every detector at its default parameters; the command line, the docs and the laws read this list. */
export const DETECTORS = [
  DEFAULT_ERROR_DETECTOR,
  focus(),
  shiryaevRoberts(),
  adwin(),
  pageHinkley(),
  pageHinkleyScaled(),
  cusum(),
  ewmaChart(),
  ddm(),
  eddm(),
  rddm(),
  hddmA(),
  hddmW(),
  fhddm(),
  kswin(),
  stepd(),
  seed(),
  eDetector(),
] as const satisfies readonly Detector[];
