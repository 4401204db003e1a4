/** Half open, as every span of time and of offsets is. */
export function inside(value: number, from: number, until: number): boolean {
  return value >= from && value < until;
}

/** The values of an array parameter. */
export function among(ids: unknown): readonly unknown[] {
  return Array.isArray(ids) ? ids : [];
}

/** Milliseconds of a moment as parameters and rows have it: a date, text or a number. */
export function msOf(value: unknown): number {
  return value instanceof Date
    ? value.getTime()
    : typeof value === 'string'
      ? Date.parse(value)
      : Number(value);
}

/** A moment as ClickHouse is sent it. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
