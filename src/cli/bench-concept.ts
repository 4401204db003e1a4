import { type ConceptVerdict, tellApart } from '../core/concept/tell-apart.ts';
import { labelledRows, type Scenario } from '../core/evaluation/labelled-rows.ts';
import { seededRandom } from '../core/random.ts';
import { printBench, type Rate, rateOf } from './bench-output.ts';

export interface BenchConceptFlags {
  readonly seed: number;
  readonly runs: number;
  readonly json: boolean;
}

/**
 * `driftwatch bench concept`: verdicts on streams built to have exactly one kind of change, a fresh reference of
 * 10,000 rows each run. Level .01. A moved intercept and a label shift differ in the features alone, and there little:
 * these are shown on more rows too.
 */
export function benchConcept(flags: BenchConceptFlags): void {
  const rows = SCENARIOS.flatMap((scenario) =>
    (HARD.has(scenario) ? [...WINDOWS, ...MORE] : WINDOWS).map((m) => measure(scenario, m, flags)),
  );
  printBench({
    json: flags.json,
    bench: 'concept',
    settings: { seed: flags.seed, runs: flags.runs, n: REFERENCE_ROWS, alpha: ALPHA },
    rows,
  });
}

function measure(
  scenario: Scenario,
  m: number,
  flags: BenchConceptFlags,
): Record<string, Rate | string | number> {
  const verdicts: ConceptVerdict[] = [];
  for (let run = 0; run < flags.runs; run += 1) {
    const random = seededRandom(flags.seed * 100_000 + SCENARIOS.indexOf(scenario) * 10_000 + m + run);
    const reference = labelledRows({ random, rows: REFERENCE_ROWS, scenario: 'none' });
    const current = labelledRows({ random, rows: m, scenario });
    verdicts.push(tellApart({ reference, current, limits: { alpha: ALPHA } }));
  }
  const share = (yes: (verdict: ConceptVerdict) => boolean): Rate =>
    rateOf(verdicts.filter(yes).length, verdicts.length);
  const below = (name: 'features' | 'residual'): Rate =>
    share(({ pValues }) => pValues !== undefined && pValues[name] < ALPHA);
  return {
    scenario,
    m,
    'P(x) test': below('features'),
    'P(y|x) test': below('residual'),
    none: share(({ verdict }) => verdict === 'none'),
    'covariate drift': share(({ verdict }) => verdict === 'covariate drift'),
    'label shift': share(({ verdict }) => verdict === 'label shift'),
    'change of P(y|x)': share(({ verdict }) => verdict === 'change of P(y|x)'),
    'insufficient: kind open': share((v) => v.verdict === 'insufficient' && v.candidates !== undefined),
    'insufficient: overlap': share((v) => v.verdict === 'insufficient' && v.candidates === undefined),
    ...neededRows(verdicts),
  };
}

/** Rows that were said to be needed, in the median, where the kind of change stayed open. */
function neededRows(verdicts: readonly ConceptVerdict[]): Record<string, number> {
  const needs = verdicts
    .flatMap((verdict) =>
      verdict.verdict === 'insufficient' && verdict.candidates !== undefined ? [verdict.need] : [],
    )
    .sort((a, b) => a - b);
  const middle = needs[Math.floor(needs.length / 2)];
  return middle === undefined ? {} : { 'rows needed': middle };
}

const SCENARIOS: readonly Scenario[] = [
  'none',
  'covariate drift',
  'strong covariate drift',
  'label shift',
  'changed coefficients',
  'changed intercept',
  'covariate drift and changed coefficients',
  'covariate drift in a product',
];
const WINDOWS = [1_000, 3_000] as const;
const HARD: ReadonlySet<Scenario> = new Set(['covariate drift', 'label shift', 'changed intercept']);
const MORE = [6_000, 12_000] as const;
const REFERENCE_ROWS = 10_000;
const ALPHA = 0.01;
