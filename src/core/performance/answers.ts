/** What a model says of one row: a probability, a number, or a class with the probability of every class. */
export type Answer = number | ClassAnswer;

export interface ClassAnswer {
  readonly label: string;
  /** By class, in the order of the model's classes; they add up to 1. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** Scores of a model (row-major) as answers. With `classes` each row has one score per class. */
export function answersOf(scores: ArrayLike<number>, classes?: readonly string[]): Answer[] {
  if (classes === undefined) return Array.from(scores);
  const rows = scores.length / classes.length;
  return Array.from({ length: rows }, (_, row) => {
    let [label, most] = ['', Number.NEGATIVE_INFINITY];
    const probabilities: Record<string, number> = {};
    for (const [at, name] of classes.entries()) {
      const probability = scores[row * classes.length + at] ?? Number.NaN;
      probabilities[name] = probability;
      if (probability > most) [label, most] = [name, probability];
    }
    return { label, probabilities };
  });
}
