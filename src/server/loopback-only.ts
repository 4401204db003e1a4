import type { MiddlewareHandler } from 'hono';

/**
 * Refuses requests whose Host is not this machine: a web page elsewhere can point a name of its own at
 * 127.0.0.1 (DNS rebinding) and would otherwise reach the server through the visitor's browser.
 */
export function loopbackOnly(): MiddlewareHandler {
  return async (context, next) => {
    if (LOCAL_HOST.test(context.req.header('host') ?? '')) return next();
    return context.json({ error: 'This server answers only requests to localhost.' }, 403);
  };
}

const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;
