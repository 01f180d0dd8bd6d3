import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UpAnswer } from '../server/api.ts';
import { summary } from './up.ts';

const url = 'https://portal.example.org/link/c2VjcmV0';
const answer: UpAnswer = {
  status: {
    ...{ domain: 'example.org', healthy: true, daemon: { running: true } },
    ...{ services: [], findings: [], stateHash: '' },
  },
  ...{ made: 3, faults: [], links: [] },
};

test('a site without a portal: an account by command, and whom browsers have to trust', () => {
  const text = summary(answer, 1000, false);
  assert.match(text, /^Next: \.\/allod user add NAME /m);
  assert.match(text, /^ +\.\/allod ca > site-ca\.pem .*docs\/certificates\.md$/m);
  assert.doesNotMatch(text, /link|invite/);
});

test('a site with a portal: its address, and people are invited', () => {
  const text = summary({ ...answer, portal: 'https://portal.example.org/' }, 1000, false);
  assert.match(text, /^Next: \.\/allod user invite NAME /m);
  assert.match(text, /^ +https:\/\/portal\.example\.org\/$/m);
});

test('a link that was made is printed whatever else there was to do', () => {
  const links = [{ id: 'f00', name: 'alice', url, until: new Date('2026-12-01T15:30').getTime() }];
  const portal = 'https://portal.example.org/';
  const first = summary({ ...answer, links, portal }, 1000, false);
  assert.match(first, /^Next: \.\/allod ca /m);
  for (const text of [first, summary({ ...answer, made: 0, links, portal }, 1000, false)]) {
    assert.match(text, /^alice administers .* until 2026-12-01 15:30; it is not shown again:$/m);
    assert.ok(text.endsWith(`\n${url}\n`), text);
  }
});
