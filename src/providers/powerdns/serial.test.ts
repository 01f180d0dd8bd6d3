import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstSerial, note, serialsInMemory } from './serial.ts';

test('a zone made later has a higher serial, and one above all that was served before', () => {
  assert.equal(firstSerial(Date.UTC(2026, 10, 24)), 2026112401);
  assert.equal(firstSerial(Date.UTC(2026, 10, 24, 23, 59)), 2026112496);
  assert.equal(firstSerial(Date.UTC(2026, 10, 25)), 2026112501);
  assert.equal(firstSerial(Date.UTC(2026, 10, 24), 2026112450), 2026112451);
});

test('what is remembered only grows, and is written when it does', () => {
  const serials = serialsInMemory();
  let writes = 0;
  const counted = {
    ...serials,
    write(next: Record<string, number>) {
      writes++;
      serials.write(next);
    },
  };
  note(counted, { 'example.org': 5, 'example.net': 1 });
  note(counted, { 'example.org': 4 });
  note(counted, { 'example.org': 5 });
  assert.deepEqual(serials.read(), { 'example.org': 5, 'example.net': 1 });
  assert.equal(writes, 1);
});
