import { judgeFeatureSkew } from '../../src/core/evidence/judge-feature-skew.ts';
import type { ModelView } from '../panes/model-view.ts';
import type { SkewRow } from '../panes/rows.ts';
import { short } from './describe.ts';
import { base, type WindowFacts } from './judge-serving.ts';
import type { Verdict } from './verdict.ts';

/** Feature-skew verdicts of one window: one per feature and segment, from the counts of the join by id. Pure. */
export function judgeSkew(args: {
  view: ModelView;
  window: WindowFacts;
  rows: readonly SkewRow[];
  floor: number;
  alpha: number;
  minimumRows: number;
}): Verdict[] {
  const { floor, alpha, minimumRows, window } = args;
  return args.rows.flatMap((row): Verdict[] => {
    const field = args.view.features.find((feature) => feature.field.name === row.feature)?.field;
    if (field === undefined) return [];
    const counts = {
      joined: row.joined,
      trainingOnly: row.training_only,
      servingOnly: row.serving_only,
      matches: row.matches,
      mismatches: row.mismatches,
      trainingValueOnly: row.training_value_only,
      servingValueOnly: row.serving_value_only,
      bothNull: row.both_null,
    };
    const judged = judgeFeatureSkew({ counts, floor, alpha, minimumRows });
    const common = {
      ...base({ kind: 'feature-skew', view: args.view, window }),
      feature: row.feature,
      segment: row.segment,
      statistic: 'mismatch-fraction',
      effectUnit: 'share',
      effectFloor: floor,
      threshold: alpha,
      n: judged.n,
      m: row.joined + row.training_only,
      referenceId: 'training',
      detail: { counts, tolerance: field.tolerance ?? null },
      beganMs: window.startMs,
      harmful: true,
    };
    if (judged.verdict === 'insufficient') {
      const evidence = `insufficient: ${judged.n} of ${judged.need} joined examples with a value`;
      return [{ ...common, verdict: 'insufficient', need: judged.need, evidence }];
    }
    return [
      {
        ...common,
        verdict: judged.verdict,
        value: judged.fraction,
        pValue: judged.pValue,
        effect: judged.fraction,
        need: 0,
        evidence: `${judged.mismatches} of ${judged.n} joined examples differ (${short(100 * judged.fraction)}%)${meansOf(row, field.unit)}`,
      },
    ];
  });
}

/** Means of both sides over the mismatches, for numbers. */
function meansOf(row: SkewRow, unit = ''): string {
  if (row.mismatches === 0 || (row.training_total === 0 && row.serving_total === 0)) {
    return row.training_value_only > 0 ? `, ${row.training_value_only} have no value in serving` : '';
  }
  const mean = (total: number) => `${short(total / row.mismatches)} ${unit}`.trim();
  return `, mean ${mean(row.serving_total)} in serving against ${mean(row.training_total)} in training`;
}
