import { seededRandom } from '../../../src/core/random.ts';

/** Edges of the bins, as if they had been fitted. */
export const EDGES = [-6, -3, -1, 0, 1, 3, 6] as const;

/** 0 below the first edge, up to the number of edges; -1 without a value. */
export function binOf(value: number | undefined): number {
  if (value === undefined) return -1;
  return EDGES.filter((edge) => value >= edge).length;
}

/** Windows of the training snapshot in these bins: the same for all runs. */
export const REFERENCE_PANES = referencePanes();

function referencePanes() {
  const random = seededRandom(77);
  return Array.from({ length: 6 }, (_, window) => {
    const values = Array.from({ length: 40 }, () => 10 * (random() + random() - 1));
    const codes = [...new Set(values.map(binOf))].sort((a, b) => a - b);
    return {
      pane_start: new Date(window * 3_600_000).toISOString(),
      segment: '',
      feature: 'x',
      n: values.length,
      codes,
      counts: codes.map((code) => values.filter((value) => binOf(value) === code).length),
      finite: values.length,
      total: values.reduce((sum, value) => sum + value, 0),
      squares: values.reduce((sum, value) => sum + value * value, 0),
      minimum: Math.min(...values),
      maximum: Math.max(...values),
      distinct: new Set(values).size,
      unexpected_values: [],
    };
  });
}
