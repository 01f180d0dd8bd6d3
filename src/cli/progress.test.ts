import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { RunEvent } from '../reconcile/events.ts';
import { count, progressView, seconds } from './progress.ts';

/** What is written for some events; `columns` makes it a terminal. */
function shown(events: RunEvent[], columns?: number): string {
  const out = new PassThrough() as PassThrough & Partial<NodeJS.WriteStream>;
  if (columns !== undefined) Object.assign(out, { isTTY: true, columns, rows: columns === 0 ? 0 : 24 });
  const view = progressView(out as NodeJS.WriteStream);
  for (const event of events) view.show(event);
  view.end();
  view.end(); // saying it twice is no harm
  return out.read()?.toString() ?? '';
}

const events: RunEvent[] = [
  { type: 'waiting', text: 'another run is under way; this one comes next' },
  { type: 'planned', changes: 4 },
  { type: 'started', key: 'secret/dns/key', service: 'dns', text: 'create secret dns/key' },
  { type: 'done', key: 'secret/dns/key', ms: 1 },
  { type: 'started', key: 'image/base', service: 'site', text: 'create image base' },
  { type: 'progress', key: 'image/base', text: 'unpacking', fraction: 0.5 },
  { type: 'failed', key: 'image/base', service: 'site', text: 'no such package: x\nask for another' },
  { type: 'blocked', key: 'pod/dns', service: 'dns', text: 'waits for image/base' },
  { type: 'started', key: 'pod/edge', service: 'edge', text: 'create pod edge' },
  { type: 'done', key: 'pod/edge', ms: 1234 },
];

test('plain lines where there is no terminal: nothing dull, nothing that moves the cursor', () => {
  assert.equal(
    shown(events),
    `waiting  another run is under way; this one comes next
plan     4 changes
start    create image base
failed   image/base: no such package: x
ask for another
blocked  pod/dns: waits for image/base
start    create pod edge
done     pod/edge (1.2 s)
done     1 secrets, certificates, files and records
`,
  );
  assert.equal(shown([{ type: 'planned', changes: 0 }]), '');
});

test('a terminal is left with what was done and what failed', () => {
  const text = shown(events, 60);
  const left = finalScreen(text);
  assert.deepEqual(left, [
    'another run is under way; this one comes next',
    '4 changes',
    '✗ image/base: no such package: x',
    'ask for another',
    '– pod/dns waits for image/base',
    '✓ pod/edge 1.2 s',
  ]);
});

test('what a command prints cannot leave its line, nor be longer than it', () => {
  const nasty = `\x1b[2J\x1b[31mred\r\n\x07bell${'x'.repeat(200)}`;
  for (const columns of [60, 0]) {
    const text = shown(
      [
        { type: 'started', key: 'image/base', service: 'site', text: 'create image base' },
        { type: 'progress', key: 'image/base', text: nasty },
        { type: 'waiting', text: 'makes it draw' },
      ],
      columns,
    );
    const line = text.split('\n').find((drawn) => drawn.includes('red')) ?? '';
    assert.match(line, /^ {2}create image base +red bellx+/);
    assert.ok(line.length < (columns || 80));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    assert.doesNotMatch(text, /\x1b\[2J|\x07|\r/);
  }
});

/** Applies the two movements the view uses: up by lines, and erase from here on. */
function finalScreen(text: string): string[] {
  const lines: string[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's own
  for (const part of text.split(/(\x1b\[\d+A\x1b\[0J)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's own
    const up = /^\x1b\[(\d+)A/.exec(part)?.[1];
    if (up) lines.splice(lines.length - Number(up));
    else lines.push(...stripVTControlCharacters(part).split('\n').slice(0, -1));
  }
  return lines;
}

test('short times in milliseconds, long ones in seconds; one of a thing has no s', () => {
  assert.deepEqual([0, 949, 950, 61_000].map(seconds), ['0 ms', '949 ms', '0.9 s', '61.0 s']);
  assert.deepEqual(
    [0, 1, 2].map((n) => count(n, 'change')),
    ['0 changes', '1 change', '2 changes'],
  );
});
