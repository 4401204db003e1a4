/**
 * Hour of the day (0 to 23) and day of the week (0 is Monday) in UTC of times in milliseconds since 1970; both
 * NaN for a missing or infinite time. Times are float32 values, because model inputs are: they are about
 * two minutes apart, so half of that is added, and a time on a full hour always counts to the hour it begins.
 * It misleads up to two minutes before a full hour, which may count to the next one, in training and
 * serving alike.
 */
export function timeParts(values: Float64Array): { hour: Float32Array; weekday: Float32Array } {
  const hour = new Float32Array(values.length);
  const weekday = new Float32Array(values.length);
  for (let row = 0; row < values.length; row += 1) {
    const time = Math.fround(values[row] ?? Number.NaN) + HALF_STEP_MS;
    const days = Math.floor(time / DAY_MS);
    hour[row] = Math.floor(time / HOUR_MS) - days * 24;
    // 1970 began on a Thursday.
    weekday[row] = days + 3 - Math.floor((days + 3) / 7) * 7;
  }
  return { hour, weekday };
}

/** Half the distance of float32 values between 2^40 and 2^41 ms, that is from 2004 to 2039. */
export const HALF_STEP_MS = 65_536;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const HOURS = 24;
export const WEEKDAYS = 7;
