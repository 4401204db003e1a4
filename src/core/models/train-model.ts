import type { Random } from '../random.ts';
import { calibrate } from './calibrate.ts';
import { type Dataset, takeRows } from './dataset.ts';
import { BOOSTING_DEFAULTS, type BoostingOptions, trainGradientBoosting } from './gradient-boosting.ts';
import { LOGISTIC_DEFAULTS, type LogisticOptions, trainLogisticRegression } from './logistic-regression.ts';
import type { Round, Trained } from './model.ts';

/** What the built-in trainer can be told. Options of the other algorithm have no effect. */
export type TrainerSettings = BoostingOptions &
  LogisticOptions & {
    /** Logistic regression is for classification alone. */
    readonly algorithm: 'boosting' | 'logistic';
    /** How scores become probabilities; `none` is the logistic function. */
    readonly calibration: 'none' | 'platt' | 'isotonic';
  };

export const TRAINER_DEFAULTS: TrainerSettings = {
  ...LOGISTIC_DEFAULTS,
  ...BOOSTING_DEFAULTS,
  algorithm: 'boosting',
  calibration: 'none',
};

export type TrainedModel = Trained & {
  /** Newest rows kept apart: they choose the number of trees and fit the calibration. */
  readonly recentRows: number;
};

/**
 * Trains one model on rows in the order of time. The newest tenth is kept apart: boosting stops by it, and the
 * calibration is fitted on it; logistic regression without calibration takes all rows. A calibration
 * that the newest tenth is too small for is left out. Same rows, settings and generator, same model.
 */
export function trainModel(args: {
  rows: Dataset;
  settings: TrainerSettings;
  random: Random;
  onProgress?: (round: Round) => void;
}): TrainedModel {
  const { rows, settings, random } = args;
  const progress = args.onProgress === undefined ? {} : { onProgress: args.onProgress };
  const kept =
    settings.algorithm === 'logistic' && settings.calibration === 'none'
      ? rows.rows
      : Math.ceil(rows.rows * (1 - RECENT_SHARE));
  const positions = Array.from({ length: rows.rows }, (_, row) => row);
  const train = takeRows(rows, positions.slice(0, kept));
  const recent = takeRows(rows, positions.slice(kept));
  const trained =
    settings.algorithm === 'logistic'
      ? trainLogisticRegression({ train, options: settings, ...progress })
      : trainGradientBoosting({ train, validation: recent, options: settings, random, ...progress });
  if (
    trained.status === 'insufficient' ||
    settings.calibration === 'none' ||
    settings.task !== 'classification'
  ) {
    return { ...trained, recentRows: recent.rows };
  }
  const calibrated = calibrate({ model: trained.model, dataset: recent, method: settings.calibration });
  const model = calibrated.status === 'calibrated' ? calibrated.model : trained.model;
  return { ...trained, model, recentRows: recent.rows };
}

const RECENT_SHARE = 0.1;
