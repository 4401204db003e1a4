/**
 * A page of documentation from the docstring of an exported function: the code and its page cannot part ways.
 * Names of other pages in backticks become links. Undefined when the function has no docstring.
 */
export function pageOf(args: {
  /** Kebab-case name of the file and of the page. */
  name: string;
  source: string;
  /** One sentence for the top of the page. */
  about: string;
  /** Facts of the page, as rows of a table. */
  facts: readonly (readonly [string, string])[];
  /** Examples worked out by the code itself, as Markdown. */
  examples?: string;
  pages: ReadonlySet<string>;
  sourcePath: string;
}): string | undefined {
  const text = docstring(args.source, camelCase(args.name));
  if (text === undefined) return undefined;
  const facts = args.facts.map(([name, value]) => `| ${name} | ${value} |`);
  const parts = [
    `# ${args.name}`,
    args.about,
    ['| | |', '|---|---|', ...facts].join('\n'),
    paragraphs(text)
      .map((paragraph) => withLinks(paragraph, args))
      .join('\n\n'),
    ...(args.examples === undefined ? [] : [`## What it says\n\n${args.examples}`]),
    `The code: [${args.sourcePath}](../../../../${args.sourcePath}). All pages: [README](../README.md).`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Text of the comment right before `export function NAME` or `export const NAME`, without its stars. */
export function docstring(source: string, name: string): string | undefined {
  const comment = `/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*export (?:function|const) ${name}\\b`;
  const found = new RegExp(comment).exec(source)?.[1];
  return found
    ?.split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim();
}

/** Lines of one paragraph become one line, labels such as `Misleads:` bold, list items stay. */
function paragraphs(text: string): string[] {
  return text.split(/\n\s*\n|\n(?=(?:Source|Effect|Insufficient)\b)/).map((paragraph) =>
    paragraph
      .replace(/\n(?!\s*[-@])/g, ' ')
      .replace(/^@throws /gm, 'Throws ')
      .replace(/^(Plain meaning|Misleads|Parameters|Effect|p-value[^:]{0,20}|Source|Assumes):/gm, '**$1:**')
      .trim(),
  );
}

function withLinks(text: string, args: { name: string; pages: ReadonlySet<string> }): string {
  return text.replace(/`([A-Za-z0-9-]+)`/g, (whole, name: string) => {
    const page = kebabCase(name);
    return page !== args.name && args.pages.has(page) ? `[${whole}](${page}.md)` : whole;
  });
}

export function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
