import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding, FindingState } from './check.ts';
import { identify } from './finding-id.ts';

function idOf(text: string, state: FindingState = 'warning'): string | undefined {
  return identify('disk', [{ state, text }])[0]?.id;
}

test('a finding keeps its id while only what is measured changes', () => {
  for (const [one, other] of [
    ['only 4.9 GiB (12 %) free in /', 'only 3.2 GiB (8 %) free in /'],
    ['room for 1200 more files (3.1 %) in /', 'room for 7 more files (0.2 %) in /'],
    ['www.example.org ended 2026-11-01', 'www.example.org ended 2026-11-02'],
    [
      'the clock says 2026-11-24 15:38, which is at least 7 minutes behind',
      'the clock says 2026-11-24 15:40, which is at least 9 minutes behind',
    ],
  ] as const)
    assert.equal(idOf(one), idOf(other), one);
  assert.match(idOf('only 4.9 GiB free') ?? '', /^disk-[0-9a-f]{8}$/);
});

test('it gets another one when it is about something else, or worse', () => {
  for (const [one, other] of [
    ['port 53/udp of 203.0.113.7 is held by named', 'port 443/udp of 203.0.113.7 is held by named'],
    ['port 53/udp of 203.0.113.7 is held by named', 'port 53/udp of 203.0.113.8 is held by named'],
    [
      'this machine does not route 2001:db8:a::/64 to the pods',
      'this machine does not route 2001:db8:b::/64 to the pods',
    ],
  ] as const)
    assert.notEqual(idOf(one), idOf(other), one);
  assert.notEqual(idOf('the disk is full', 'warning'), idOf('the disk is full', 'fault'));
});

test('what is well has none, and two that read alike have two', () => {
  const findings: Finding[] = [
    { state: 'ok', text: 'fine' },
    { state: 'fault', text: 'broken' },
    { state: 'fault', text: 'broken' },
  ];
  const [ok, first, second] = identify('disk', findings);
  assert.deepEqual(ok, findings[0]);
  assert.equal(second?.id, `${first?.id}-2`);
});
