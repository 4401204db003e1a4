import type { Detector } from '../detector.ts';
import { adwin } from './adwin.ts';
import { focus } from './focus.ts';
import { pageHinkley, pageHinkleyScaled } from './page-hinkley.ts';

/** The detector that runs on error streams when nobody names one. */
export const DEFAULT_ERROR_DETECTOR = focus();

/** Every detector at its default parameters; the command line, the docs and the laws read this list. */
export const DETECTORS = [
  DEFAULT_ERROR_DETECTOR,
  adwin(),
  pageHinkley(),
  pageHinkleyScaled(),
] as const satisfies readonly Detector[];
