const LINE_WIDTH = 110;

/**
 * A JSON value as text in the project's format: objects are broken, lists of scalars stay on one line where they fit.
 * Written so that the formatter leaves it alone.
 */
export function formatted(value: unknown): string {
  return render(value, 0, 0);
}

function render(value: unknown, depth: number, used: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (!Array.isArray(value)) {
    const parts = Object.entries(value).map(([name, item]) => ({
      prefix: `${JSON.stringify(name)}: `,
      item,
    }));
    return parts.length === 0 ? '{}' : broken('{', '}', parts, depth);
  }
  const flat = `[${value.map((item) => render(item, 0, 0)).join(', ')}]`;
  const scalars = value.every((item) => typeof item !== 'object' || item === null);
  if (scalars && used + flat.length + 1 <= LINE_WIDTH) return flat;
  const parts = value.map((item: unknown) => ({ prefix: '', item }));
  return broken('[', ']', parts, depth);
}

function broken(
  open: string,
  close: string,
  parts: readonly { readonly prefix: string; readonly item: unknown }[],
  depth: number,
): string {
  const inner = '  '.repeat(depth + 1);
  const lines = parts.map(({ prefix, item }) => {
    const start = `${inner}${prefix}`;
    return `${start}${render(item, depth + 1, start.length)}`;
  });
  return `${open}\n${lines.join(',\n')}\n${'  '.repeat(depth)}${close}`;
}
