import { type Content, html, type Markup } from '../markup.ts';

/** A table that scrolls by itself where the screen is narrow; a sentence where there is nothing. */
export function table(args: {
  caption?: string;
  columns: readonly Column[];
  rows: readonly (readonly Content[])[];
  empty: string;
}): Markup {
  if (args.rows.length === 0) return html`<p class="empty">${args.empty}</p>`;
  const heads = args.columns.map((column) => html`<th scope="col"${classOf(column)}>${column.name}</th>`);
  const rows = args.rows.map(
    (cells) =>
      html`<tr>${cells.map((cell, index) => html`<td${classOf(args.columns[index])}>${cell}</td>`)}</tr>`,
  );
  const caption = args.caption === undefined ? undefined : html`<caption>${args.caption}</caption>`;
  return html`<div class="scroll"><table>${caption}<thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

export interface Column {
  readonly name: string;
  /** Figures, which stand right. */
  readonly number?: boolean;
  /** Sentences, which may break. */
  readonly prose?: boolean;
}

function classOf(column: Column | undefined): Markup | undefined {
  if (column?.number === true) return html` class="number"`;
  return column?.prose === true ? html` class="prose"` : undefined;
}
