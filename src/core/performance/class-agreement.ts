import { type Agreement, agreement } from '../experiments/agreement.ts';
import { columnOf, likeliestClasses } from './class-scores.ts';

/**
 * Compares replayed probabilities of classes with those that were logged, row by row: a row is the same when every
 * probability is, and the class that was said is the likeliest one. `largest` is over all classes, `mean` over the
 * classes that were said: what the probability of the answer moved by.
 */
export function classAgreement(args: {
  /** Row-major, one per class. */
  logged: ArrayLike<number>;
  replayed: ArrayLike<number>;
  /** How many classes there are. */
  width: number;
  /** Place of the class that was said in each row; NaN for none of them. */
  said: ArrayLike<number>;
  rows: readonly number[];
}): Agreement {
  const { logged, replayed, width, said, rows } = args;
  const likeliest = likeliestClasses({ scores: replayed, width });
  const places = Array.from({ length: width }, (_, at) => at);
  const columns = places.map((at) =>
    agreement({
      logged: columnOf({ scores: logged, width }, at),
      replayed: columnOf({ scores: replayed, width }, at),
      rows,
    }),
  );
  const isSame = (row: number): boolean =>
    likeliest[row] === said[row] &&
    places.every((at) => replayed[row * width + at] === logged[row * width + at]);
  const answers = rows.flatMap((row) => {
    const place = said[row] ?? Number.NaN;
    return place >= 0 && place < width ? [row * width + place] : [];
  });
  return {
    n: rows.length,
    same: rows.filter(isSame).length,
    largest: Math.max(0, ...columns.map(({ largest }) => largest)),
    mean: agreement({
      logged: answers.map((at) => logged[at] ?? Number.NaN),
      replayed: answers.map((at) => replayed[at] ?? Number.NaN),
    }).mean,
  };
}
