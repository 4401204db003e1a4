import type { Value } from './pair.ts';

/** A value as a sentence shows it: six digits of a number, quotes around a text, at most 40 characters of it. */
export function written(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return `${Number.isFinite(value) ? Number(value.toPrecision(6)) : value}`;
  const characters = [...value];
  return `"${characters.length > 40 ? `${characters.slice(0, 39).join('')}…` : value}"`;
}
