import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { plainView } from '../../../src/cli/view/plain-view.ts';
import { statusLine, ttyView } from '../../../src/cli/view/tty-view.ts';
import { EVENT_KINDS, type Progress } from '../../../src/cli/view/view.ts';

const HALF: Progress = {
  eventTimeMs: Date.UTC(2013, 7, 5),
  share: 0.5,
  events: 276_000,
  eventsPerSecond: 1234.5,
  lag: 3,
};
const ERASE = '\r\u001b[2K';

test('a plain view writes whole lines without colours, progress once a month', () => {
  const { text, write } = written();
  const view = plainView(write);
  view.step('Kafka is up');
  view.progress(HALF);
  view.progress({ ...HALF, eventTimeMs: Date.UTC(2013, 7, 6) });
  view.progress({ ...HALF, eventTimeMs: Date.UTC(2013, 8, 1) });
  view.event({ atMs: Date.UTC(2013, 7, 7), kind: 'incident', text: 'ALERT feature skew' });
  view.close();
  assert.deepEqual(text().split('\n'), [
    'Kafka is up',
    '2013-08-05  50%  276000 events, 1235 events/s, lag 3',
    '2013-09-01  50%  276000 events, 1235 events/s, lag 3',
    '2013-08-07  incident: ALERT feature skew',
    '',
  ]);
});

test('what happens scrolls above the status line, which is drawn again below it', () => {
  const { text, write } = written();
  const view = ttyView({ write, columns: () => 100 });
  view.progress(HALF);
  const before = text();
  view.event({ atMs: Date.UTC(2013, 7, 7), kind: 'release', text: 'v4 accepted' });
  const status = statusLine(HALF, 100);
  assert.equal(before, status);
  assert.ok(text().startsWith(`${status}${ERASE}`));
  assert.ok(text().endsWith(`v4 accepted\n${status}`));
});

test('a long sentence is cut to one line of the terminal', () => {
  const { text, write } = written();
  ttyView({ write, columns: () => 60 }).event({ atMs: 0, kind: 'incident', text: 'x'.repeat(200) });
  const line = stripVTControlCharacters(text());
  assert.equal(line.length, 61);
  assert.ok(line.endsWith('x…\n'));
});

test('closing takes the status line away and leaves the terminal as it was', () => {
  const { text, write } = written();
  const view = ttyView({ write, columns: () => 100 });
  view.progress(HALF);
  view.close();
  assert.ok(text().endsWith(ERASE));
  view.step('Stopping');
  assert.ok(text().endsWith('Stopping\u001b[0m\n'));
});

test('nothing is erased before the first status line', () => {
  const { text, write } = written();
  ttyView({ write, columns: () => 100 }).step('hello');
  assert.equal(text().includes(ERASE), false);
});

test('every kind of event has a colour that ends before its text', () => {
  for (const kind of EVENT_KINDS) {
    const { text, write } = written();
    ttyView({ write, columns: () => 100 }).event({ atMs: 0, kind, text: 'what' });
    assert.match(text(), new RegExp(`\\u001b\\[3\\dm${kind}\\s*\\u001b\\[0m what\\n$`));
  }
});

test('the status line is one character narrower than the terminal, so that it never wraps', () => {
  for (const columns of [30, 60, 200]) {
    assert.ok(statusLine(HALF, columns).length < columns);
  }
  assert.match(
    statusLine(HALF, 200),
    /^2013-08-05 █{15}░{15} {2}50% {2}276,000 events {2}1,235\/s {2}lag 3$/,
  );
});

test('a share outside of 0 to 1 fills the bar to its ends and no further', () => {
  assert.match(statusLine({ ...HALF, share: 1.7 }, 200), /█{30} 100%/);
  assert.match(statusLine({ ...HALF, share: -1 }, 200), /░{30} {3}0%/);
});

test('control characters in what happened do not reach the terminal', () => {
  for (const open of [plainView, (write: (text: string) => void) => ttyView({ write, columns: () => 80 })]) {
    const { text, write } = written();
    open(write).event({ atMs: 0, kind: 'incident', text: 'drift in a\u001b]0;title\u0007b\rc' });
    assert.match(text(), /drift in a\ufffd\]0;title\ufffdb\ufffdc\n/);
  }
});

test('a terminal asks for coloured tables of its width', () => {
  const view = ttyView({ write: () => undefined, columns: () => 132 });
  assert.deepEqual(view.style(), { columns: 132, colour: true });
});

function written(): { text(): string; write(text: string): void } {
  let all = '';
  return {
    text: () => all,
    write(text) {
      all += text;
    },
  };
}
