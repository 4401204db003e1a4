import type { Calibrated } from './maximum-evidence.ts';

/** Thresholds of one detector on independent error bits of one rate. */
export interface RunLengthRow {
  readonly rate: number;
  /** Simulated streams of 100,000 elements. */
  readonly runs: number;
  readonly thresholds: readonly ThresholdCell[];
}

export interface ThresholdCell {
  /** False alarms per 100,000 elements. */
  readonly per100k: number;
  readonly value: number;
  /** 95% interval. */
  readonly low: number;
  readonly high: number;
}

/**
 * Which threshold buys which false alarm rate, by simulation: `driftwatch calibrate --detector NAME --runs
 * N --seed 20000` makes the rows again. Independent elements, no reset within 100,000 of them; a stream
 * whose errors come in bursts or with the hour alarms more often than its row says.
 */
export const RUN_LENGTHS: Readonly<Record<Calibrated, readonly RunLengthRow[]>> = {
  'focus-with-bets': [
    {
      rate: 0.01,
      runs: 1000,
      thresholds: [
        { per100k: 0.02, value: 20.35, low: 19.72, high: 21.28 },
        { per100k: 0.1, value: 18.53, low: 18.27, high: 18.72 },
        { per100k: 0.3, value: 17.4, low: 17.29, high: 17.53 },
        { per100k: 1, value: 16.26, low: 16.19, high: 16.33 },
        { per100k: 3, value: 15.1, low: 15.02, high: 15.26 },
      ],
    },
    {
      rate: 0.05,
      runs: 1000,
      thresholds: [
        { per100k: 0.02, value: 20.91, low: 20.28, high: 21.75 },
        { per100k: 0.1, value: 18.79, low: 18.58, high: 19.04 },
        { per100k: 0.3, value: 17.62, low: 17.49, high: 17.77 },
        { per100k: 1, value: 16.44, low: 16.36, high: 16.53 },
        { per100k: 3, value: 15.32, low: 15.21, high: 15.41 },
      ],
    },
    {
      rate: 0.1,
      runs: 1000,
      thresholds: [
        { per100k: 0.02, value: 20.52, low: 20.11, high: 21.26 },
        { per100k: 0.1, value: 18.77, low: 18.66, high: 19.07 },
        { per100k: 0.3, value: 17.79, low: 17.64, high: 17.91 },
        { per100k: 1, value: 16.47, low: 16.39, high: 16.57 },
        { per100k: 3, value: 15.44, low: 15.3, high: 15.51 },
      ],
    },
    {
      rate: 0.2,
      runs: 1000,
      thresholds: [
        { per100k: 0.02, value: 20.95, low: 20.42, high: 21.39 },
        { per100k: 0.1, value: 19.11, low: 18.89, high: 19.39 },
        { per100k: 0.3, value: 17.83, low: 17.69, high: 18.01 },
        { per100k: 1, value: 16.55, low: 16.48, high: 16.64 },
        { per100k: 3, value: 15.37, low: 15.29, high: 15.5 },
      ],
    },
    {
      rate: 0.5,
      runs: 1000,
      thresholds: [
        { per100k: 0.02, value: 20.43, low: 20.08, high: 21.13 },
        { per100k: 0.1, value: 18.91, low: 18.75, high: 19.16 },
        { per100k: 0.3, value: 17.9, low: 17.78, high: 18.04 },
        { per100k: 1, value: 16.67, low: 16.55, high: 16.77 },
        { per100k: 3, value: 15.45, low: 15.37, high: 15.58 },
      ],
    },
  ],
  focus: [
    {
      rate: 0.01,
      runs: 1000,
      thresholds: [
        { per100k: 0.02, value: 19.82, low: 19.01, high: 20.5 },
        { per100k: 0.1, value: 17.61, low: 17.39, high: 18.02 },
        { per100k: 0.3, value: 16.21, low: 16.06, high: 16.42 },
        { per100k: 1, value: 14.89, low: 14.81, high: 14.95 },
        { per100k: 3, value: 13.44, low: 13.34, high: 13.58 },
      ],
    },
    {
      rate: 0.05,
      runs: 1000,
      thresholds: [
        { per100k: 0.02, value: 20.19, low: 19.78, high: 21.34 },
        { per100k: 0.1, value: 18.14, low: 17.98, high: 18.42 },
        { per100k: 0.3, value: 16.86, low: 16.71, high: 17.0 },
        { per100k: 1, value: 15.38, low: 15.29, high: 15.53 },
        { per100k: 3, value: 14.08, low: 13.96, high: 14.21 },
      ],
    },
    {
      rate: 0.1,
      runs: 1000,
      thresholds: [
        { per100k: 0.02, value: 20.06, low: 19.54, high: 21.07 },
        { per100k: 0.1, value: 18.17, low: 18.0, high: 18.48 },
        { per100k: 0.3, value: 17.05, low: 16.92, high: 17.25 },
        { per100k: 1, value: 15.61, low: 15.53, high: 15.69 },
        { per100k: 3, value: 14.28, low: 14.16, high: 14.43 },
      ],
    },
    {
      rate: 0.2,
      runs: 1000,
      thresholds: [
        { per100k: 0.02, value: 20.7, low: 19.96, high: 21.29 },
        { per100k: 0.1, value: 18.52, low: 18.34, high: 18.93 },
        { per100k: 0.3, value: 17.08, low: 16.96, high: 17.26 },
        { per100k: 1, value: 15.66, low: 15.58, high: 15.78 },
        { per100k: 3, value: 14.43, low: 14.29, high: 14.59 },
      ],
    },
    {
      rate: 0.5,
      runs: 1000,
      thresholds: [
        { per100k: 0.02, value: 20.07, low: 19.47, high: 20.62 },
        { per100k: 0.1, value: 18.36, low: 18.17, high: 18.57 },
        { per100k: 0.3, value: 17.29, low: 17.15, high: 17.48 },
        { per100k: 1, value: 15.95, low: 15.82, high: 16.05 },
        { per100k: 3, value: 14.59, low: 14.45, high: 14.66 },
      ],
    },
  ],
  'shiryaev-roberts': [
    {
      rate: 0.01,
      runs: 1000,
      thresholds: [
        { per100k: 0.02, value: 14.38, low: 13.96, high: 15.02 },
        { per100k: 0.1, value: 12.71, low: 12.54, high: 12.95 },
        { per100k: 0.3, value: 11.63, low: 11.5, high: 11.75 },
        { per100k: 1, value: 10.51, low: 10.43, high: 10.58 },
        { per100k: 3, value: 9.48, low: 9.39, high: 9.56 },
      ],
    },
    {
      rate: 0.05,
      runs: 1000,
      thresholds: [
        { per100k: 0.02, value: 15.17, low: 14.78, high: 15.84 },
        { per100k: 0.1, value: 13.35, low: 13.12, high: 13.61 },
        { per100k: 0.3, value: 12.3, low: 12.19, high: 12.44 },
        { per100k: 1, value: 11.18, low: 11.1, high: 11.26 },
        { per100k: 3, value: 10.18, low: 10.09, high: 10.3 },
      ],
    },
    {
      rate: 0.1,
      runs: 1000,
      thresholds: [
        { per100k: 0.02, value: 14.78, low: 14.48, high: 15.43 },
        { per100k: 0.1, value: 13.53, low: 13.36, high: 13.75 },
        { per100k: 0.3, value: 12.52, low: 12.4, high: 12.62 },
        { per100k: 1, value: 11.31, low: 11.23, high: 11.39 },
        { per100k: 3, value: 10.26, low: 10.15, high: 10.34 },
      ],
    },
    {
      rate: 0.2,
      runs: 1000,
      thresholds: [
        { per100k: 0.02, value: 15.52, low: 15.09, high: 16.58 },
        { per100k: 0.1, value: 13.69, low: 13.51, high: 13.95 },
        { per100k: 0.3, value: 12.61, low: 12.46, high: 12.75 },
        { per100k: 1, value: 11.41, low: 11.33, high: 11.51 },
        { per100k: 3, value: 10.34, low: 10.2, high: 10.42 },
      ],
    },
    {
      rate: 0.5,
      runs: 1000,
      thresholds: [
        { per100k: 0.02, value: 15.25, low: 14.69, high: 15.45 },
        { per100k: 0.1, value: 13.55, low: 13.4, high: 13.73 },
        { per100k: 0.3, value: 12.7, low: 12.57, high: 12.81 },
        { per100k: 1, value: 11.46, low: 11.34, high: 11.57 },
        { per100k: 3, value: 10.34, low: 10.27, high: 10.44 },
      ],
    },
  ],
  'page-hinkley-scaled': [
    {
      rate: 0.01,
      runs: 400,
      thresholds: [
        { per100k: 0.1, value: 70.57, low: 68.56, high: 74.38 },
        { per100k: 0.3, value: 62.9, low: 61.03, high: 64.73 },
        { per100k: 1, value: 53.53, low: 52.77, high: 54.94 },
        { per100k: 3, value: 44.87, low: 43.47, high: 46.25 },
      ],
    },
    {
      rate: 0.05,
      runs: 400,
      thresholds: [
        { per100k: 0.1, value: 58.05, low: 56.47, high: 61.21 },
        { per100k: 0.3, value: 51.27, low: 50.51, high: 53.3 },
        { per100k: 1, value: 44.47, low: 43.56, high: 45.56 },
        { per100k: 3, value: 38.06, low: 37.14, high: 39.04 },
      ],
    },
    {
      rate: 0.1,
      runs: 400,
      thresholds: [
        { per100k: 0.1, value: 55.21, low: 54.09, high: 57.16 },
        { per100k: 0.3, value: 49.63, low: 47.9, high: 50.86 },
        { per100k: 1, value: 42.55, low: 41.75, high: 43.46 },
        { per100k: 3, value: 36.13, low: 35.62, high: 36.86 },
      ],
    },
    {
      rate: 0.2,
      runs: 400,
      thresholds: [
        { per100k: 0.1, value: 53.16, low: 51.69, high: 54.9 },
        { per100k: 0.3, value: 47.57, low: 46.81, high: 48.47 },
        { per100k: 1, value: 41.09, low: 40.41, high: 41.95 },
        { per100k: 3, value: 35.3, low: 34.54, high: 36.11 },
      ],
    },
    {
      rate: 0.5,
      runs: 400,
      thresholds: [
        { per100k: 0.1, value: 52.57, low: 50.94, high: 54.07 },
        { per100k: 0.3, value: 46.84, low: 45.7, high: 48.2 },
        { per100k: 1, value: 40.96, low: 40.24, high: 41.64 },
        { per100k: 3, value: 34.6, low: 34.04, high: 35.35 },
      ],
    },
  ],
};
