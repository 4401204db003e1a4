import type { ConceptRows } from '../concept/tell-apart.ts';
import type { Random } from '../random.ts';
import { standardNormal } from './joint-rows.ts';

/** What happened between the reference and the window; exactly that and nothing else. */
export type Scenario =
  | 'none'
  | 'covariate drift'
  | 'covariate drift in a product'
  | 'strong covariate drift'
  | 'label shift'
  | 'changed coefficients'
  | 'changed intercept'
  | 'covariate drift and changed coefficients';

/**
 * Labelled rows for measuring verdicts on concept drift: four normal features, log-odds of the label linear in
 * three of them plus one product, and a model that does not know the product and is slightly off, as models
 * are.
 */
export function labelledRows(args: { random: Random; rows: number; scenario: Scenario }): ConceptRows {
  const { random, rows, scenario } = args;
  const x: Float64Array[] = [];
  const p: number[] = [];
  const y: number[] = [];
  while (x.length < rows) {
    const features = Float64Array.from({ length: 4 }, () => standardNormal(random));
    moveFeatures(features, scenario);
    const [u = 0, v = 0] = features;
    // Two features come to be correlated, which the features' own means and scales do not show.
    if (scenario === 'covariate drift in a product' && u * v < 0 && random() < 0.5) continue;
    const label = random() < logistic(truth(features, scenario)) ? 1 : 0;
    // Label shift: half of the zeros are left out, which doubles the odds of a one and touches nothing else.
    if (scenario === 'label shift' && label === 0 && random() < 0.5) continue;
    x.push(features);
    y.push(label);
    const [a = 0, b = 0, c = 0] = features;
    p.push(logistic(-0.35 + 0.9 * a + 0.75 * b - 0.5 * c));
  }
  return { x, p, y };
}

function moveFeatures(features: Float64Array, scenario: Scenario): void {
  const shift = scenario === 'strong covariate drift' ? 2 : scenario.startsWith('covariate') ? 0.5 : 0;
  if (scenario === 'covariate drift in a product') return;
  features[0] = (features[0] ?? 0) + shift;
  if (shift > 0) features[1] = (features[1] ?? 0) * 1.2;
}

function truth(features: Float64Array, scenario: Scenario): number {
  const [a = 0, b = 0, c = 0] = features;
  const changed = scenario.endsWith('changed coefficients');
  const intercept = scenario === 'changed intercept' ? -0.05 : -0.4;
  return intercept + (changed ? 0.5 : 1) * a + 0.7 * b - (changed ? 0.9 : 0.5) * c + 0.3 * a * b;
}

function logistic(score: number): number {
  return 1 / (1 + Math.exp(-score));
}
