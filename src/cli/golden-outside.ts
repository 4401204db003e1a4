import type { Result } from '../core/statistic.ts';

/** A value in the shape of the outside block; undefined where the core says insufficient. */
export type Outside = number | string | undefined | readonly Outside[] | { readonly [key: string]: Outside };

/** Statistic and p-value under the names that outside blocks use. */
export function fields(result: Result, more: Readonly<Record<string, Outside>> = {}): Outside {
  return result.status === 'ok' ? { statistic: result.value, pvalue: result.pValue, ...more } : undefined;
}

export function statisticOf(result: Result): number | undefined {
  return result.status === 'ok' ? result.value : undefined;
}
