import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openState } from './state.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-state-'));
after(() => rmSync(folder, { recursive: true }));

test('facts outlive the process', () => {
  const file = join(folder, 'facts.db');
  const first = openState(file);
  assert.equal(first.addresses(), undefined);
  assert.equal(first.suite(), undefined);
  first.saveAddresses({ subnet: '10.64.0.0/20', given: { dns: '10.64.0.2' } });
  first.saveSuite({ suite: 'trixie', digest: 'a' });
  first.close();
  const second = openState(file);
  assert.deepEqual(second.addresses(), { subnet: '10.64.0.0/20', given: { dns: '10.64.0.2' } });
  assert.deepEqual(second.suite(), { suite: 'trixie', digest: 'a' });
  second.close();
});

test('what is as it was is not written again', () => {
  const file = join(folder, 'still.db');
  const state = openState(file);
  const addresses = { subnet: '10.64.0.0/20', given: { dns: '10.64.0.2' } };
  state.saveAddresses(addresses);
  const size = () => statSync(`${file}-wal`).size;
  const before = size();
  state.saveAddresses({ ...addresses });
  state.record([]);
  assert.equal(size(), before);
  state.saveAddresses({ ...addresses, given: {} });
  assert.ok(size() > before);
  state.close();
});

test('the history has the newest first and ends after two thousand', () => {
  const state = openState(join(folder, 'history.db'));
  const events = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => ({
      at: from + i,
      service: 'dns',
      text: `event ${from + i}`,
    }));
  state.record(events(0, 1500));
  state.record(events(1500, 2100));
  const history = state.history(5000);
  assert.equal(history.length, 2000);
  assert.equal(history[0]?.text, 'event 2099');
  assert.equal(history.at(-1)?.text, 'event 100');
  state.close();
});

test('events are recorded all or not at all', () => {
  const state = openState(join(folder, 'atomic.db'));
  const good = { at: 1, service: 'dns', text: 'good' };
  assert.throws(() => state.record([good, { ...good, text: undefined as unknown as string }]));
  assert.deepEqual(state.history(10), []);
  state.record([good]);
  assert.equal(state.history(10).length, 1);
  state.close();
});
