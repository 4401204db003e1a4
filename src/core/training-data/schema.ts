import type { CheckResult } from './check.ts';

/**
 * Do the new rows have the columns that the contract names, and the serving model the same features? A column that
 * the rows do not have at all is one finding each (`absent`, with number `absent` 1): all its values would read as
 * missing. A feature that came up or went since the serving model was trained is another (`absent` 0).
 */
export function schema(args: {
  /** Rows that were read. */
  rows: number;
  features: readonly string[];
  /** Columns that were asked for and are not there. */
  absent: readonly string[];
  /** Features of the serving model, where there is one. */
  before?: readonly string[];
}): CheckResult[] {
  const { rows: n, features, absent } = args;
  const finding = (feature: string, detail: string, isAbsent: boolean): CheckResult => ({
    check: 'schema',
    feature,
    status: 'finding',
    detail,
    numbers: { absent: isAbsent ? 1 : 0 },
    n,
  });
  const before = args.before ?? features;
  const found = [
    ...absent.map((name) => finding(name, `the rows have no column ${name}`, true)),
    ...features
      .filter((name) => !before.includes(name))
      .map((name) => finding(name, `${name} is no feature of the serving model, or of another kind`, false)),
    ...before
      .filter((name) => !features.includes(name))
      .map((name) => finding(name, `${name} was a feature of the serving model and is none now`, false)),
  ];
  return found.length === 0 ? [{ check: 'schema', status: 'ok', n }] : found;
}
