import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeText, html, link } from '../../../src/server/dashboard/markup.ts';
import { HOSTILE } from './example-rows.ts';

test('text is escaped between tags and in attributes, markup is not escaped twice', () => {
  const inner = html`<b title="${HOSTILE}">${HOSTILE}</b>`;
  const page = html`<p>${inner}${[inner]}</p>`.markup;
  assert.doesNotMatch(page, /<img|onerror="/);
  assert.equal(page.split('<b title=').length, 3);
  assert.doesNotMatch(page, /&#38;#60;b/);
});

test('every character that could end a tag or an attribute is escaped', () => {
  assert.equal(escapeText(`<>&"'\``), '&#60;&#62;&#38;&#34;&#39;&#96;');
});

test('undefined is nothing, numbers and lists are their contents', () => {
  assert.equal(html`a${undefined}b${3}c${['d', 4]}`.markup, 'ab3cd4');
});

test('values of an address are encoded and missing ones left out', () => {
  assert.equal(link('/verdicts', { feature: 'a&b=c', kind: undefined }), '/verdicts?feature=a%26b%3Dc');
  assert.equal(link('/models', { model: undefined }), '/models');
});
