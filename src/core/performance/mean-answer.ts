import type { RowScores } from './row-loss.ts';

/** Mean of the answers of some rows: of classes the mean probability of each. */
export type MeanAnswer = number | Readonly<Record<string, number>>;

/** Mean answer over `rows`, all of them unless given; NaN without rows. With `classes` the scores have one number for each. */
export function meanAnswer(
  { scores, width }: RowScores,
  classes?: readonly string[],
  rows: readonly number[] = Array.from({ length: scores.length / width }, (_, row) => row),
): MeanAnswer {
  const mean = (at: number): number => {
    let sum = 0;
    for (const row of rows) sum += scores[row * width + at] ?? Number.NaN;
    return sum / rows.length;
  };
  if (classes === undefined) return mean(0);
  return Object.fromEntries(classes.map((name, at) => [name, mean(at)]));
}
