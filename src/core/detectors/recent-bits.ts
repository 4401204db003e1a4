/** The newest bits of a stream, packed 32 to a number, oldest first; `tail` is being filled. Plain JSON data. */
export interface RecentBits {
  readonly count: number;
  readonly words: readonly number[];
  readonly tail: number;
  readonly tailLength: number;
}

/** The same with one more bit; of more than `most` the oldest are forgotten. */
export function withBit(bits: RecentBits, x: number, most: number): RecentBits {
  const count = Math.min(most, bits.count + 1);
  const tail = bits.tail * 2 + x;
  if (bits.tailLength < 31) return { count, words: bits.words, tail, tailLength: bits.tailLength + 1 };
  const needed = Math.ceil(most / 32) + 1;
  return { count, words: [...bits.words, tail].slice(-needed), tail: 0, tailLength: 0 };
}

/** The newest `count` bits, oldest first. */
export function newestBits(bits: RecentBits, count: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < bits.tailLength && out.length < count; i += 1) out.push(place(bits.tail, i));
  for (let w = bits.words.length - 1; w >= 0 && out.length < count; w -= 1) {
    for (let i = 0; i < 32 && out.length < count; i += 1) out.push(place(bits.words[w] ?? 0, i));
  }
  return out.reverse();
}

function place(word: number, index: number): number {
  return (word >>> index) & 1;
}

export const NO_BITS: RecentBits = { count: 0, words: [], tail: 0, tailLength: 0 };
