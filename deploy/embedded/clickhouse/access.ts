import { createHash, timingSafeEqual } from 'node:crypto';
import type { Refusal } from './errors.ts';

/** Who asks: driftwatch itself, or anybody else on this machine. */
export type Role = 'writer' | 'reader';

export const WRITER_NAME = 'driftwatch';

/** The role behind credentials, or the server's answer to a wrong password. Takes the same time for each guess. */
export function roleOf(
  credentials: { readonly user: string; readonly password: string },
  password: string,
): { status: 'ok'; role: Role } | { status: 'refused'; refusal: Refusal } {
  const { user } = credentials;
  if (user === WRITER_NAME && password !== '' && same(credentials.password, password)) {
    return { status: 'ok', role: 'writer' };
  }
  if (['', 'default', 'reader'].includes(user) && credentials.password === '') {
    return { status: 'ok', role: 'reader' };
  }
  const shown = user === '' ? 'default' : user;
  const message = `${shown}: Authentication failed: password is incorrect, or there is no user with such name.`;
  return { status: 'refused', refusal: { code: 516, type: 'AUTHENTICATION_FAILED', message } };
}

/**
 * True for names that can only mean this machine. A web page that points its own name at 127.0.0.1
 * (DNS rebinding) arrives with that name in Host, and is turned away here.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i.test(host);
}

/** True when a browser says that another site's page is asking. Programs send no Origin. */
export function isForeignOrigin(origin: string | undefined): boolean {
  if (origin === undefined) return false;
  const host = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1];
  return !isLoopbackHost(host);
}

function same(given: string, wanted: string): boolean {
  return timingSafeEqual(digest(given), digest(wanted));
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}
