import type { WhatIfAnswer } from '../ask-what-if.ts';
import { short } from '../format.ts';
import { type Content, html, type Markup } from '../markup.ts';
import { layout } from './layout.ts';
import { table } from './table.ts';

/** One served example with a form for other values, and what the serving version says then. */
export function whatIfPage(of: {
  models: readonly string[];
  model: string;
  id: string;
  /** Changes as they were written. */
  set: readonly string[];
  answer: WhatIfAnswer | undefined;
  /** Why there is no answer. */
  problem: string | undefined;
}): string {
  const { answer } = of;
  return layout({
    title: 'What if',
    model: of.model,
    models: of.models,
    here: '/what-if',
    content: html`<h1>What if</h1>
<p>What the serving version of ${of.model} would say of an example with other values. Nothing is logged.</p>
${form(of)}
${of.problem === undefined ? undefined : html`<p class="empty">${of.problem}</p>`}
${answer === undefined ? undefined : answerSection(answer)}
<p class="note">It says what the model does, not what the world would do: features that move together in the world are moved alone here. For many rows at once: <code>driftwatch what-if VERSION --set FEATURE+=5</code>.</p>`,
  });
}

function form(of: { models: readonly string[]; model: string; id: string; set: readonly string[] }): Markup {
  const fields = Array.from({ length: Math.max(FIELDS, of.set.length) }, (_, at) => {
    const name = `change ${at + 1}`;
    return html`<label>${name} <input name="set" value="${of.set[at] ?? ''}" placeholder="feature=value" size="24"></label>`;
  });
  const model =
    of.models.length > 1 ? html`<input type="hidden" name="model" value="${of.model}">` : undefined;
  return html`<form method="get" action="/what-if">${model}<label>example <input name="id" value="${of.id}" placeholder="the newest" size="24"></label>${fields}<button>Ask</button></form>`;
}

function answerSection(answer: WhatIfAnswer): Markup {
  const moved = answer.after - answer.before;
  return html`<section><h2>${answer.id}, answered by ${answer.version}</h2>
<p><span class="big">${answer.before.toFixed(4)}</span> → <span class="big">${answer.after.toFixed(4)}</span> (${moved < 0 ? '−' : '+'}${Math.abs(moved).toFixed(4)})</p>
${table({
  columns: [
    { name: 'Feature' },
    { name: 'As served', number: true },
    { name: 'Asked', number: true },
    { name: 'Unit' },
  ],
  rows: answer.features.map(({ name, before, after, unit }) => [
    name,
    shown(before),
    Object.is(before, after) ? '' : html`<strong>${shown(after)}</strong>`,
    unit,
  ]),
  empty: 'The model has no features.',
})}</section>`;
}

function shown(value: WhatIfAnswer['features'][number]['before']): Content {
  if (value === null) return 'missing';
  return typeof value === 'number' ? short(value) : value;
}

const FIELDS = 3;
