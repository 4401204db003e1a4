/** Sum and sum of squared deviations of some consecutive elements. */
export interface Bucket {
  readonly total: number;
  readonly deviation: number;
}

/** All buckets of 2^k elements, oldest first; the next row holds buckets twice as long and older. */
export interface Row {
  readonly buckets: readonly Bucket[];
  readonly next: Row | null;
}

/** Appends a bucket; a row that runs over hands its two oldest, merged, to the next row. */
export function push(row: Row | null, bucket: Bucket, size: number, maxBuckets: number): Row {
  const buckets = row === null ? [bucket] : [...row.buckets, bucket];
  const next = row === null ? null : row.next;
  const [first, second] = buckets;
  if (buckets.length <= maxBuckets || first === undefined || second === undefined) return { buckets, next };
  const gap = first.total / size - second.total / size;
  const merged = {
    total: first.total + second.total,
    deviation: first.deviation + second.deviation + (size * size * gap * gap) / (size + size),
  };
  return { buckets: buckets.slice(2), next: push(next, merged, size * 2, maxBuckets) };
}

/** All buckets with the number of elements in each. */
export function oldestFirst(rows: Row | null): { bucket: Bucket; size: number }[] {
  const out: { bucket: Bucket; size: number }[] = [];
  let size = 1;
  for (let row = rows; row !== null; row = row.next) {
    for (let i = row.buckets.length - 1; i >= 0; i -= 1) {
      const bucket = row.buckets[i];
      if (bucket !== undefined) out.push({ bucket, size });
    }
    size *= 2;
  }
  return out.reverse();
}

/** The rows without their oldest bucket. */
export function withoutOldest(row: Row | null): Row | null {
  if (row === null) return null;
  if (row.next !== null) return { buckets: row.buckets, next: withoutOldest(row.next) };
  return row.buckets.length <= 1 ? null : { buckets: row.buckets.slice(1), next: null };
}
