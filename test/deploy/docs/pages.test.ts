import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { docstring, pageOf } from '../../../deploy/docs/page.ts';

const PAGES = new URL('../../../deploy/docs/pages/', import.meta.url);
const GENERATOR = fileURLToPath(new URL('../../../deploy/docs/generate.ts', import.meta.url));

test('every page says when it misleads, what to take instead, and what it answers', () => {
  const names = readdirSync(PAGES, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(statistics|detectors).*\.md$/.test(name),
  );
  assert.ok(names.length >= 37, `only ${names.length} pages`);
  const silent = names.filter((name) => {
    const text = readFileSync(new URL(name, PAGES), 'utf8');
    const sibling = /\[`[A-Za-z-]+`\]\([a-z-]+\.md\)/.test(text);
    return !/misleads/i.test(text) || !sibling || !/source:/i.test(text.replaceAll('*', ''));
  });
  assert.deepEqual(silent, []);
});

test('the pages are what the code says now', () => {
  execFileSync(process.execPath, [GENERATOR, '--check'], { stdio: 'pipe' });
});

const SOURCE = `
/** Another one. */
export const other = 1;

/**
 * How far it is.
 *
 * Misleads: at night;
 * take \`farAway\` or \`nothing\` then.
 */
export function howFar(): number {
  return 1;
}
export const bare = 2;
`;

test('a page is the docstring of the function of its name, with links to the pages there are', () => {
  assert.equal(docstring(SOURCE, 'bare'), undefined);
  const page = pageOf({
    name: 'how-far',
    source: SOURCE,
    about: 'A distance.',
    facts: [],
    pages: new Set(['how-far', 'far-away']),
    sourcePath: 'src/how-far.ts',
  });
  assert.match(page ?? '', /^# how-far\n\nA distance\./);
  assert.match(
    page ?? '',
    /\*\*Misleads:\*\* at night; take \[`farAway`\]\(far-away\.md\) or `nothing` then\./,
  );
  assert.doesNotMatch(page ?? '', /Another one/);
});

test('a function without a docstring gets no page', () => {
  const page = pageOf({
    name: 'bare',
    source: SOURCE,
    about: '',
    facts: [],
    pages: new Set(),
    sourcePath: 'src/bare.ts',
  });
  assert.equal(page, undefined);
});
