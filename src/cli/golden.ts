import { buildCommand, type CommandContext } from '@stricli/core';

/** `driftwatch golden`: every statistic against values computed by other software. */
export const command = buildCommand<Record<never, never>, [string], CommandContext>({
  docs: {
    brief: 'Check the statistics against a file of outside values',
    fullDescription: [
      'FILE holds {meta, cases: [{id, kind, ref, cur, scipy: {...}}]}: two samples and the values that SciPy',
      'gives for them. Every value of the scipy blocks that driftwatch has is computed anew and compared; one',
      'JSON object is printed: {cases, checked, worst_relative_error, worst_p_error, failures, names, unknown}.',
      '',
      'Error is |got - expected| / |expected|; where the expected number is closer to 0 than 1e-12 (for p-values:',
      'is 0) it is |got - expected| and held to 1e-12. Statistics are held to 1e-9, p-values to 1e-6. Expected',
      'NaN and infinities (strings) are matched by the answer "insufficient", which the finite values beside them',
      'then share. SciPy sums the law of Cramer and von Mises only until a term falls below 1e-7 and subtracts it',
      'from 1: its p-values are held to 1e-6 relative plus 1e-9 absolute, and those below 1e-5 are remainders of',
      'that sum where the exact tail is below 1e-9.',
      '',
      'In a case with infinite rows only the statistics of ranks are compared.',
      '',
      'Exits with 1 when a value differs. Values that driftwatch does not have are listed as unknown.',
    ].join('\n'),
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'File of cases, JSON', parse: String, placeholder: 'FILE' }],
    },
  },
  loader: async () => (await import('./golden-run.ts')).goldenRun,
});
