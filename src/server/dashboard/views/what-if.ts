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
  return html`<section><h2>${answer.id}, answered by ${answer.version}</h2>
${moveOf(answer)}
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

/** One number and how it moves, or the class that is said and how the probability of each moves. */
function moveOf({ before, after, isProbability, unit }: WhatIfAnswer): Markup {
  if (typeof before === 'number' || typeof after === 'number') {
    const [from, to] = [Number(before), Number(after)];
    const text = (value: number): string => (isProbability ? value.toFixed(4) : short(value));
    return html`<p><span class="big">${text(from)}</span> → <span class="big">${text(to)}</span> (${signed(to - from, text)})${unit === '' ? '' : ` ${unit}`}</p>`;
  }
  const names = [...new Set([before, after].flatMap(({ probabilities }) => Object.keys(probabilities)))];
  const text = (value: number): string => value.toFixed(4);
  return html`<p><span class="big">${before.label}</span> → <span class="big">${after.label}</span></p>
${table({
  columns: [
    { name: 'Probability of' },
    { name: 'As served', number: true },
    { name: 'Asked', number: true },
    { name: 'Moved', number: true },
  ],
  rows: names.map((name) => {
    const [from, to] = [before.probabilities[name] ?? 0, after.probabilities[name] ?? 0];
    return [name, text(from), text(to), signed(to - from, text)];
  }),
  empty: 'The model has no classes.',
})}`;
}

function signed(value: number, text: (value: number) => string): string {
  return `${value < 0 ? '−' : '+'}${text(Math.abs(value))}`;
}

function shown(value: WhatIfAnswer['features'][number]['before']): Content {
  if (value === null) return 'missing';
  return typeof value === 'number' ? short(value) : value;
}

const FIELDS = 3;
