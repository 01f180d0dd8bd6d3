import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixOf, idOf } from './finding-id.ts';

test('what can be run from the console is found in a remedy, and nothing else', () => {
  assert.deepEqual(fixOf({ remedy: './allod up' }), { verb: 'up' });
  assert.deepEqual(fixOf({ remedy: 'run ./allod up, then look again' }), { verb: 'up' });
  assert.deepEqual(fixOf({ remedy: './allod restart contacts' }), { verb: 'restart', service: 'contacts' });
  for (const remedy of [
    './allod up --remove-names example.org',
    './allod upgrade',
    'apt-get install podman',
    '',
  ])
    assert.equal(fixOf({ remedy }), undefined, remedy);
  assert.equal(fixOf({}), undefined);
});

test('a finding is known by the id the daemon gave it', () => {
  const finding = { state: 'fault', text: 'no memory' } as const;
  assert.equal(idOf({ id: 'memory' }, { ...finding, id: 'memory-3f' }), 'memory-3f');
  assert.equal(idOf({ id: 'memory' }, finding), 'memory: no memory');
});
