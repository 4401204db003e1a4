/**
 * The category that a value stands for, or null when it is missing. Empty text is missing, because
 * an ONNX string tensor has no null. Text is cut at the first NUL and lone surrogates become U+FFFD,
 * because the runtime takes C strings in UTF-8: both sides then see the same category.
 */
export function categoryOf(value: string | null | undefined): string | null {
  if (value === null || value === undefined || value === '') return null;
  const end = value.indexOf('\0');
  const text = (end === -1 ? value : value.slice(0, end)).toWellFormed();
  return text === '' ? null : text;
}

/** Rows per category, most frequent first, ties by code unit order. Missing rows are not counted. */
export function countCategories(values: readonly (string | null)[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const value of values) {
    const category = categoryOf(value);
    if (category !== null) counts.set(category, (counts.get(category) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
