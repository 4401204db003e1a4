import { categoryOf } from './category.ts';
import type { CategoricalInput } from './model.ts';
import { murmurHash } from './murmur-hash.ts';

/**
 * Hashing encoding: a category goes to the bucket of its hash, whether training has seen it or not; missing
 * has a bucket of its own. Nothing is fitted, so nothing can leak and the model does not grow with the number
 * of categories. It misleads where two categories that behave differently share a bucket.
 * Source: Weinberger et al., Feature Hashing for Large Scale Multitask Learning, ICML 2009.
 */
export function hashed(name: string, buckets: number): Extract<CategoricalInput, { treatment: 'hashed' }> {
  return { treatment: 'hashed', name, buckets };
}

/** Bucket of every value, 0 to buckets - 1; `buckets` is the one of missing values. */
export function bucketsOf(values: readonly (string | null)[], buckets: number): Int32Array {
  const known = new Map<string, number>();
  return Int32Array.from(values, (value) => {
    const category = categoryOf(value);
    if (category === null) return buckets;
    const bucket = known.get(category) ?? murmurHash(category) % buckets;
    known.set(category, bucket);
    return bucket;
  });
}
