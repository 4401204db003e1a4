import type { RowScores } from './row-loss.ts';

/**
 * Probabilities of a model's own classes (row-major, `own.length` per row) as those of `wanted`, in that order. A class that
 * the model does not know has probability 0; one that is not wanted is left out.
 */
export function scoresByClass(
  scores: ArrayLike<number>,
  own: readonly string[],
  wanted: readonly string[],
): Float64Array {
  const places = wanted.map((name) => own.indexOf(name));
  const rows = own.length === 0 ? 0 : scores.length / own.length;
  const ordered = new Float64Array(rows * wanted.length);
  for (let row = 0; row < rows; row += 1) {
    for (const [at, place] of places.entries()) {
      ordered[row * wanted.length + at] = place < 0 ? 0 : (scores[row * own.length + place] ?? Number.NaN);
    }
  }
  return ordered;
}

/** Place of the likeliest class of each row, the first of equals; -1 where no probability is a number. */
export function likeliestClasses({ scores, width }: RowScores): Int32Array {
  return Int32Array.from({ length: scores.length / width }, (_, row) => {
    let [best, most] = [-1, Number.NEGATIVE_INFINITY];
    for (let at = 0; at < width; at += 1) {
      const score = scores[row * width + at] ?? Number.NaN;
      if (score > most) [best, most] = [at, score];
    }
    return best;
  });
}

/** Numbers of one column of row-major scores. */
export function columnOf({ scores, width }: RowScores, column: number): Float64Array {
  return Float64Array.from(
    { length: scores.length / width },
    (_, row) => scores[row * width + column] ?? Number.NaN,
  );
}
