import { z } from 'zod';

/** Event times cross the border as ISO text and are milliseconds since 1970 inside. */
export const instant = z.string().transform((text) => Date.parse(text));

/** A count column, which arrives as a number or, when it is wide, as text. */
export const count = z.coerce.number();

/** A measured number; null where there was nothing to measure. */
export const measured = z.number().nullable();
