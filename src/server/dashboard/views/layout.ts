import { type Content, html, link } from '../markup.ts';

/** The frame of every page. `refreshSeconds` is for pages whose content moves by itself. */
export function layout(args: {
  title: string;
  model?: string;
  models: readonly string[];
  here?: string;
  refreshSeconds?: number;
  content: Content;
}): string {
  const { model } = args;
  // The model is named only where there is a choice.
  const query = args.models.length > 1 ? { model } : {};
  const entries = PAGES.map(({ path, name }) => {
    const current = path === args.here ? html` aria-current="page"` : undefined;
    return html`<a href="${link(path, query)}"${current}>${name}</a>`;
  });
  const others = args.models
    .filter((other) => args.models.length > 1 && other !== undefined)
    .map((other) => {
      const current = other === model ? html` aria-current="true"` : undefined;
      return html`<a href="${link(args.here ?? '/', { model: other })}"${current}>${other}</a>`;
    });
  const refresh =
    args.refreshSeconds === undefined
      ? undefined
      : html`<meta http-equiv="refresh" content="${args.refreshSeconds}">`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refresh}
<title>${args.title} · driftwatch</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="data:,">
</head>
<body>
<header><a class="name" href="/">driftwatch</a><nav>${entries}</nav>${model === undefined || args.models.length > 1 ? undefined : html`<span class="model">model ${model}</span>`}${others.length === 0 ? undefined : html`<nav class="models">${others}</nav>`}</header>
<main>
${args.content}
</main>
<footer>All times are event time in UTC unless they say otherwise. Every number here can be read in SQL: <a href="/sql">how</a>.</footer>
</body>
</html>
`;
  return page.markup;
}

export function messagePage(args: { title: string; sentence: string; models: readonly string[] }): string {
  return layout({
    title: args.title,
    models: args.models,
    content: html`<h1>${args.title}</h1><p>${args.sentence}</p><p><a href="/">To the first page</a></p>`,
  });
}

const PAGES: readonly { readonly path: string; readonly name: string }[] = [
  { path: '/', name: 'State' },
  { path: '/incidents', name: 'Incidents' },
  { path: '/verdicts', name: 'Verdicts' },
  { path: '/models', name: 'Models' },
  { path: '/what-if', name: 'What if' },
  { path: '/sql', name: 'SQL' },
];
