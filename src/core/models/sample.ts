import { type Random, randomBelow } from '../random.ts';

/** Selection sampling (Knuth, TAOCP 2, algorithm S): an exact share of the rows, in ascending order. */
export function sampleRows(rows: Uint32Array, share: number, random: Random): number {
  const wanted = share >= 1 ? rows.length : Math.max(1, Math.round(share * rows.length));
  let count = 0;
  for (let row = 0; row < rows.length; row += 1) {
    if (wanted < rows.length && (rows.length - row) * random() >= wanted - count) continue;
    rows[count] = row;
    count += 1;
  }
  return count;
}

/** An exact share of the columns, at least one, in ascending order. */
export function sampleColumns(width: number, share: number, random: Random): readonly number[] {
  const columns = Array.from({ length: width }, (_, at) => at);
  const wanted = share >= 1 ? width : Math.max(1, Math.round(share * width));
  while (columns.length > wanted) columns.splice(randomBelow(random, columns.length), 1);
  return columns;
}
