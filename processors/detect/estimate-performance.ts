import { type BinnedEstimate, binnedEstimate } from '../../src/core/performance/binned-estimate.ts';
import type { Estimate } from '../../src/core/performance/estimated-performance.ts';
import { PREDICTION_BINS } from '../../src/core/performance/prediction-bins.ts';
import { countOf } from '../../src/core/summaries/counts.ts';
import type { ModelView } from '../panes/model-view.ts';
import { short } from './describe.ts';
import { base, type WindowFacts } from './judge-serving.ts';
import { cellKey, type PaneWindow, type VersionReference } from './references.ts';
import type { Verdict } from './verdict.ts';

type Panes = ReadonlyMap<string, readonly PaneWindow[]>;

/** The panes of the features, and that of the predictions of all rows. */
export function takePredictions(view: ModelView, panes: Panes): { panes: Panes; predictions?: PaneWindow } {
  const prefix = cellKey(view.prediction, '');
  const [predictions] = panes.get(prefix) ?? [];
  return {
    panes: new Map([...panes].filter(([key]) => !key.startsWith(prefix))),
    ...(predictions === undefined ? {} : { predictions }),
  };
}

/**
 * What the model's log-loss in a serving window should be, before its labels are there: predictions counted in fixed
 * bins, and what such predictions meant on the validation rows of the version that answered most. Never a drift: it
 * cannot see the relation of features and labels change, and pages nobody. Pure.
 */
export function estimatePerformance(args: {
  view: ModelView;
  window: WindowFacts;
  predictions: PaneWindow | undefined;
  reference: VersionReference;
  minimumRows: number;
}): Verdict {
  const { view, window, reference } = args;
  const estimate = estimateOf(args);
  const common = {
    ...base({ kind: 'data-drift', view, window }),
    feature: view.prediction,
    segment: '',
    statistic: ESTIMATED_LOG_LOSS,
    effectUnit: '',
    effectFloor: 0,
    threshold: 0,
    referenceId: reference.id,
    beganMs: window.startMs,
    harmful: false,
  } as const;
  if (estimate.status === 'insufficient') {
    const { need, have, why } = estimate;
    const evidence = `insufficient: ${have} of ${need} ${why}`;
    return { ...common, verdict: 'insufficient', n: window.rows, m: 0, need, detail: {}, evidence };
  }
  const { logLoss, accuracy, auc, n, m } = estimate;
  const validation = reference.performance.logLoss;
  return {
    ...common,
    verdict: 'ok',
    value: logLoss.value,
    n,
    m,
    need: 0,
    detail: {
      law: 'labels as coins with the chances of the validation rows, 3 standard errors',
      low: logLoss.low,
      high: logLoss.high,
      accuracy: { ...accuracy },
      ...(auc === undefined ? {} : { auc }),
      validation_log_loss: validation,
      extrapolated: estimate.extrapolated,
    },
    evidence:
      `log-loss should be ${band(logLoss)} on ${n} predictions, ${short(validation)} on the validation rows of ` +
      `${reference.version}; accuracy ${band(accuracy)}`,
  };
}

/** Statistic of these verdicts. */
export const ESTIMATED_LOG_LOSS = 'estimated-log-loss';

function estimateOf(args: Parameters<typeof estimatePerformance>[0]): BinnedEstimate {
  const { predictions, reference } = args;
  const { calibration } = reference;
  if (predictions === undefined)
    return { status: 'insufficient', need: args.minimumRows, have: 0, why: 'counted predictions' };
  if (calibration === undefined) {
    const why = `validation rows of ${reference.version} with a counted prediction`;
    return { status: 'insufficient', need: 1, have: 0, why };
  }
  const bins = Array.from({ length: PREDICTION_BINS.edges.length + 1 }, (_, bin) =>
    countOf(predictions.pane, bin),
  );
  return binnedEstimate({ counts: bins, calibration, minimumRows: args.minimumRows });
}

function band({ value, low, high }: Estimate): string {
  return `${short(value)} (${short(low)} to ${short(high)})`;
}
