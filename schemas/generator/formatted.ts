const LINE_WIDTH = 110;

/**
 * A JSON value as text in the project's format, as JSON or as a TypeScript literal: objects are broken,
 * lists of scalars stay on one line where they fit. Written so that the formatter leaves it alone.
 */
export function formatted(value: unknown, style: 'json' | 'typescript', lineStart = 0): string {
  return render(value, STYLES[style], 0, lineStart);
}

interface Style {
  readonly key: (name: string) => string;
  readonly text: (value: string) => string;
  /** After the last entry of something broken. */
  readonly last: string;
}

const STYLES = {
  json: { key: (name) => JSON.stringify(name), text: (value) => JSON.stringify(value), last: '' },
  typescript: {
    key: (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)),
    text: quoted,
    last: ',',
  },
} as const satisfies Record<string, Style>;

function render(value: unknown, style: Style, depth: number, used: number): string {
  if (typeof value === 'string') return style.text(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (!Array.isArray(value)) {
    const parts = Object.entries(value).map(([name, item]) => ({ prefix: `${style.key(name)}: `, item }));
    return parts.length === 0 ? '{}' : broken('{', '}', parts, style, depth);
  }
  const flat = `[${value.map((item) => render(item, style, 0, 0)).join(', ')}]`;
  const scalars = value.every((item) => typeof item !== 'object' || item === null);
  if (scalars && used + flat.length + 1 <= LINE_WIDTH) return flat;
  const parts = value.map((item: unknown) => ({ prefix: '', item }));
  return broken('[', ']', parts, style, depth);
}

function broken(
  open: string,
  close: string,
  parts: readonly { readonly prefix: string; readonly item: unknown }[],
  style: Style,
  depth: number,
): string {
  const inner = '  '.repeat(depth + 1);
  const lines = parts.map(({ prefix, item }) => {
    const start = `${inner}${prefix}`;
    return `${start}${render(item, style, depth + 1, start.length)}`;
  });
  return `${open}\n${lines.join(',\n')}${style.last}\n${'  '.repeat(depth)}${close}`;
}

/** Single quotes, unless double ones save an escape. */
function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  if (text.includes("'") && !text.includes('"')) return JSON.stringify(text);
  return `'${inner.replaceAll("'", "\\'")}'`;
}
