import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appPasswordsTable } from './app-passwords.ts';

test('a line a password; one that was never used says so', () => {
  const now = Date.UTC(2026, 10, 24);
  const passwords = [
    {
      id: '7gk2',
      service: 'contacts',
      label: 'Alice’s phone',
      created: now - 9 * 86_400_000,
      used: now - 60_000,
    },
    { id: 'x9mq', service: 'contacts', label: 'laptop', created: now - 30_000 },
  ];
  assert.equal(
    appPasswordsTable('alice', passwords, now),
    [
      'SERVICE   ID    MADE      LAST USED  DEVICE',
      'contacts  7gk2  9 d ago   60 s ago   Alice’s phone',
      'contacts  x9mq  30 s ago  never      laptop',
      '',
    ].join('\n'),
  );
  assert.match(appPasswordsTable('alice', [], now), /add alice SERVICE LABEL/);
});
