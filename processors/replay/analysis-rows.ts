import type { Analysis } from '../../src/core/analysis/analysis.ts';
import type { Share } from '../../src/core/analysis/wilson.ts';

/** One number of an analysis, as the table `analyses` keeps it. */
export interface AnalysisRow {
  readonly kind: string;
  readonly name: string;
  readonly place: number;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
  readonly detail: string;
}

/** An analysis as rows, in an order that depends on nothing but the analysis. */
export function analysisRows(analysis: Analysis): AnalysisRow[] {
  const { slices, importance, calibration, residuals, dependence, fairness, worst } = analysis;
  const lossName = analysis.loss === 'log-loss' ? 'log_loss' : 'squared_error';
  return [
    ...Object.entries(analysis.metrics).map(([name, metric]) =>
      metric.status === 'ok'
        ? row({ ...metric, kind: 'metric', name })
        : row({ kind: 'metric', name, n: metric.have, value: null }),
    ),
    ...confusionRows(analysis),
    ...slices.slices.map((slice, place) =>
      row({
        kind: 'slice',
        name: slice.conditions.join(' and '),
        place,
        n: slice.n,
        value: slice.excess,
        low: slice.atLeast,
        detail: { p_value: slice.pValue, [lossName]: slice.loss, slices_tested: slices.tested },
      }),
    ),
    ...importance.map(({ feature, increase, standardError, n }, place) =>
      row({ kind: 'importance', name: feature, place, n, ...around(increase, standardError) }),
    ),
    ...calibration.map(({ of, predicted, observed }, place) =>
      row({
        kind: 'calibration',
        name: withClass('observed', of),
        place,
        ...shareOf(observed),
        detail: { predicted },
      }),
    ),
    ...residuals.map(({ startMs, mean, standardError, n }) =>
      row({ kind: 'residual', name: new Date(startMs).toISOString(), n, ...around(mean, standardError) }),
    ),
    ...dependence.flatMap(({ feature, of, points, n }) =>
      points.map(({ value, mean, share }, place) =>
        row({
          kind: 'dependence',
          name: withClass(feature, of),
          place,
          n,
          value: mean,
          detail: { at: value, share },
        }),
      ),
    ),
    ...fairness.flatMap(({ field, groups }) =>
      groups.flatMap((group) =>
        (['selectedGap', 'foundGap', 'falseAlarmsGap', 'calibrationGap'] as const).map((criterion) =>
          row({
            kind: 'fairness',
            name: withClass(`${field}=${group.group}: ${criterion}`, group.of),
            ...shareOf(group[criterion]),
          }),
        ),
      ),
    ),
    ...worst.map(({ id, eventTimeMs, prediction, label, said, came, loss, explained }, place) =>
      row({
        kind: 'worst row',
        name: id,
        place,
        n: 1,
        value: loss,
        detail: {
          event_time: new Date(eventTimeMs).toISOString(),
          prediction,
          ...(said === undefined ? { label } : { said, label: came }),
          contributions: explained.contributions,
        },
      }),
    ),
  ];
}

/** Of yes or no the four counts; of classes those that are not 0. */
function confusionRows({ confusion, classes, rows }: Analysis): AnalysisRow[] {
  if (confusion !== undefined) {
    return (['truePositive', 'falsePositive', 'trueNegative', 'falseNegative'] as const).map((name) =>
      row({ kind: 'confusion', name, n: confusion.n, value: confusion[name] }),
    );
  }
  return (classes?.counts ?? []).flatMap((line, said) =>
    line.flatMap((count, came) => {
      const [one, other] = [classes?.classes[said], classes?.classes[came]];
      return count === 0
        ? []
        : row({ kind: 'confusion', name: `said ${one}, came ${other}`, n: rows, value: count });
    }),
  );
}

function withClass(name: string, of: string | undefined): string {
  return of === undefined ? name : `${name} of ${of}`;
}

function row(
  of: Pick<AnalysisRow, 'kind' | 'name' | 'n' | 'value'> & {
    place?: number;
    low?: number | null;
    high?: number | null;
    detail?: object;
  },
): AnalysisRow {
  const { kind, name, n, value, place = 0, low = null, high = null, detail = {} } = of;
  return { kind, name, place, value, low, high, n, detail: JSON.stringify(detail) };
}

/** A normal interval of 95% around a mean. */
function around(value: number, standardError: number): { value: number; low: number; high: number } {
  return { value, low: value - 1.96 * standardError, high: value + 1.96 * standardError };
}

function shareOf(share: Share): Pick<AnalysisRow, 'value' | 'low' | 'high' | 'n'> {
  if (share.status === 'insufficient') return { value: null, low: null, high: null, n: share.have };
  const { value, low, high, n } = share;
  return { value, low, high, n };
}
