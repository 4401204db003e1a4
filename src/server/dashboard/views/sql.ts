import { html, type Markup } from '../markup.ts';
import type { CatalogueRow } from '../reader.ts';
import { layout } from './layout.ts';
import { table } from './table.ts';

/** A question worth asking, with its statement from schemas/queries. */
export interface Example {
  readonly question: string;
  readonly statement: string;
}

/** How to ask in SQL what these pages show. */
export function sqlPage(of: {
  models: readonly string[];
  /** Where the ClickHouse HTTP interface is, and the database in it. */
  url: string;
  database: string;
  examples: readonly Example[];
  catalogue: readonly CatalogueRow[];
}): string {
  const tables = [...Map.groupBy(of.catalogue, (row) => row.table)];
  return layout({
    title: 'SQL',
    models: of.models,
    here: '/sql',
    content: html`<h1>Ask in SQL</h1>
<p>Readers need no password, cannot write, and are bounded in time, memory and rows. <code>drift_history</code> is the way in.</p>
<pre>curl '${of.url}/?database=${of.database}' --data-binary "SELECT * FROM drift_history WHERE verdict = 'drift' LIMIT 5 FORMAT PrettyCompact"</pre>
<pre>driftwatch sql "SELECT * FROM drift_history WHERE verdict = 'drift' LIMIT 5"</pre>
<section><h2>Questions</h2>${of.examples.map(exampleView)}</section>
<section><h2>Tables</h2>${tables.length === 0 ? html`<p class="empty">The database has no tables yet.</p>` : tables.map(([name, columns]) => tableView(name, columns))}</section>`,
  });
}

function exampleView(example: Example): Markup {
  return html`<h3>${example.question}</h3><pre>${example.statement}</pre>`;
}

function tableView(name: string, columns: readonly CatalogueRow[]): Markup {
  return html`<details id="${name}"${name === 'drift_history' ? html` open` : undefined}><summary><code>${name}</code> ${columns[0]?.tableComment ?? ''}</summary>${table(
    {
      columns: [{ name: 'Column' }, { name: 'Type' }, { name: 'Meaning', prose: true }],
      rows: columns.map((row) => [
        html`<code>${row.column}</code>`,
        html`<code>${row.type}</code>`,
        row.comment,
      ]),
      empty: 'It has no columns.',
    },
  )}</details>`;
}
