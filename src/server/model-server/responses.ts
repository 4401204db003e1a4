import type { Context } from 'hono';

/** An error as every route answers it: `{"error": "a sentence"}`. */
export function problem(
  context: Context,
  status: 400 | 403 | 404 | 409 | 413 | 500 | 503,
  error: string,
): Response {
  return context.json({ error }, status);
}

/** The answer of a route about one model, or 404 when there is no model of that name. */
export function withModel<Model>(
  context: Context,
  models: ReadonlyMap<string, Model>,
  answer: (name: string, model: Model) => Response | Promise<Response>,
): Response | Promise<Response> {
  const name = context.req.param('model') ?? '';
  const model = models.get(name);
  return model === undefined ? problem(context, 404, `There is no model "${name}".`) : answer(name, model);
}

/** The body, or undefined when it is not JSON. */
export async function jsonBody(context: Context): Promise<unknown> {
  try {
    const body: unknown = JSON.parse(await context.req.text());
    return body === undefined ? undefined : body;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
