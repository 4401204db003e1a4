/** 2013-08-05, in UTC. */
export function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** 2013-08-05 12:00, in UTC; midnight is written without its time. */
export function minute(ms: number): string {
  const text = new Date(ms).toISOString();
  return text.slice(11, 16) === '00:00' ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, 16)}`;
}

/** A duration in its largest fitting unit: 2.5 d, 12 h, 30 min. */
export function span(ms: number): string {
  if (ms >= DAY) return `${trim((ms / DAY).toFixed(1))} d`;
  if (ms >= HOUR) return `${trim((ms / HOUR).toFixed(1))} h`;
  return `${Math.round(ms / 60_000)} min`;
}

/** 276,000 */
export function whole(value: number): string {
  return value.toLocaleString('en');
}

/** Four significant digits, without an exponent where that reads well. */
export function short(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(1);
  return String(Number(value.toPrecision(4)));
}

/** A p-value; one that is 0 is only too small for a double. */
export function pValue(value: number | null): string {
  if (value === null) return '–';
  return value === 0 ? '< 1e-300' : short(value);
}

/** A log-loss, or a dash where there is none. */
export function loss(value: number | null): string {
  return value === null ? '–' : value.toFixed(4);
}

/** An effect in its unit: 1.2 sd, 12.5% of rows, 0.05 nats. */
export function effect(value: number | null, unit: string): string {
  if (value === null) return '–';
  if (unit === 'distinct') return `${short(100 * value)}% of the different values`;
  if (unit === 'share') return `${short(100 * value)}% of rows`;
  return `${short(value)} ${unit}`;
}

/** The segment as people say it. */
export function segmentName(segment: string): string {
  return segment === '' ? 'all rows' : segment;
}

/** A name cut to a length, with a mark that it was cut. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;
}

function trim(text: string): string {
  return text.replace(/\.0$/, '');
}

export const HOUR = 3_600_000;
export const DAY = 86_400_000;
