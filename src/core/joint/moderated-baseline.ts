import type { Baseline, ComponentBaseline } from '../evidence/baseline.ts';
import { digamma, inverseTrigamma, trigamma } from '../special/polygamma.ts';

/**
 * A baseline whose variances between windows have learned from each other. Every pair has a variance of its own,
 * known from a few windows only; how far each exceeds that of independent rows is drawn towards what all exceed
 * it by, the more so the less they differ among themselves beyond chance. Rows that are independent make all
 * alike, and what was learned from all is as good as known; weather in some pairs and not in others leaves each
 * to itself. The degrees of freedom won are added.
 * Source: G. K. Smyth, Linear Models and Empirical Bayes Methods (2004), doi 10.2202/1544-6115.1027, section 6.2.
 * Misleads when few pairs there are differ from the many: they are held to be nearer to the many than they are,
 * by as much as the prior weighs.
 */
export function moderatedBaseline(baseline: Baseline): Baseline {
  const { df } = baseline;
  if (df < LEAST_DF) return baseline;
  const ratios = new Map<string, number>();
  for (const [name, component] of baseline.components) {
    const ratio = ratioOf(component, baseline);
    if (ratio > 0) ratios.set(name, ratio);
  }
  const prior = priorOf([...ratios.values()], df);
  if (prior === undefined) return baseline;
  const components = new Map<string, ComponentBaseline>();
  for (const [name, component] of baseline.components) {
    const ratio = ratios.get(name) ?? prior.ratio;
    const moderated = (prior.df * prior.ratio + df * ratio) / (prior.df + df);
    components.set(name, { ...component, variance: Math.max(1, moderated) * floorOf(component, baseline) });
  }
  return { ...baseline, components, df: df + prior.df };
}

/** Variance between windows over that of independent rows. */
function ratioOf(component: ComponentBaseline, baseline: Baseline): number {
  const floor = floorOf(component, baseline);
  return component.sums === undefined || floor === 0 ? 0 : component.sums.squares / baseline.df / floor;
}

function floorOf({ sums }: ComponentBaseline, { windows }: Baseline): number {
  return sums === undefined ? 0 : sums.floors / windows;
}

/** Typical ratio, and how many degrees of freedom its knowledge is worth. */
function priorOf(ratios: readonly number[], df: number): { ratio: number; df: number } | undefined {
  if (ratios.length < LEAST_RATIOS) return undefined;
  const logs = ratios.map((ratio) => Math.log(ratio) - digamma(df / 2) + Math.log(df / 2));
  const mean = logs.reduce((sum, x) => sum + x, 0) / logs.length;
  const variance = logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (logs.length - 1);
  const beyond = variance - trigamma(df / 2);
  const priorDf = beyond > 0 ? Math.min(MOST_DF, 2 * inverseTrigamma(beyond)) : MOST_DF;
  return { df: priorDf, ratio: Math.exp(mean + digamma(priorDf / 2) - Math.log(priorDf / 2)) };
}

const LEAST_DF = 3;
/** Below, there is nothing to learn from each other. */
const LEAST_RATIOS = 10;
const MOST_DF = 1_000;
