import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameFault, personFaults, takenMailFault } from './person.ts';

test('names that may sign in', () => {
  for (const name of ['a', 'alice', 'alice.b', 'a-b_c.9', 'x'.repeat(32)])
    assert.equal(nameFault(name), undefined, name);
});

test('names that may not, each with one that may', () => {
  const cases: [string, string][] = [
    ['Alice', 'alice'],
    ['Zoë', 'zoe'],
    ['alice b', 'aliceb'],
    ['9lives', 'lives'],
    ['-a', 'a'],
    ['a..b', 'a.b'],
    ['a.', 'a'],
    ['x'.repeat(33), 'x'.repeat(32)],
    ['uid=x,ou=people', 'uidxoupeople'],
    ['', 'a name such as alice'],
    ['李', 'a name such as alice'],
    ['a\n', 'a'],
  ];
  for (const [name, hint] of cases) {
    const message = nameFault(name)?.message ?? 'taken';
    assert.ok(message.endsWith(`; try ${hint}`), `${JSON.stringify(name)}: ${message}`);
    assert.ok(!message.includes('\n'));
  }
});

test('mail addresses', () => {
  const fault = (mail: string) => personFaults({ name: 'alice', mail }).length > 0;
  for (const mail of [
    'alice@example.org',
    'a.b+c@mail.example.org',
    "o'brien@xn--bcher-kva.example",
    `${'l'.repeat(64)}@example.org`,
  ])
    assert.ok(!fault(mail), mail);
  const bad = [
    '',
    'alice',
    'a@@example.org',
    'a@b@example.org',
    '@example.org',
    'a@',
    'a@localhost',
    '"a b"@example.org',
  ];
  bad.push(
    'a@[2001:db8::1]',
    'a@example.org.',
    'a@-x.org',
    'a@x-.org',
    '.a@example.org',
    'a..b@example.org',
    'ä@example.org',
  );
  bad.push(
    `${'l'.repeat(65)}@example.org`,
    `a@${'d.'.repeat(130)}org`,
    'Alice <a@example.org>',
    'a@example.org\n',
    'a\0@example.org',
  );
  for (const mail of bad) assert.ok(fault(mail), JSON.stringify(mail));
});

test('display names', () => {
  const fault = (displayName: string) => personFaults({ name: 'alice', displayName }).length > 0;
  for (const name of ['A', 'Alice Ångström', '李雷', 'x'.repeat(128)]) assert.ok(!fault(name), name);
  for (const name of ['', ' ', ' Alice', 'Alice ', 'a\nb', 'evil\u202egnp', 'x\u200by', 'x'.repeat(129)])
    assert.ok(fault(name), JSON.stringify(name));
});

test('all faults of one person come at once', () => {
  const faults = personFaults({ name: 'A', displayName: '', mail: 'x', password: 'y' });
  assert.deepEqual(
    faults.map((fault) => fault.where),
    ['name', 'display name', 'mail', 'password'],
  );
});

test('two people never have one address, however it is written', () => {
  const others = [{ name: 'alice', mail: 'Alice@example.org' }, { name: 'bob' }];
  const taken = takenMailFault('alice@EXAMPLE.org', 'bob', others);
  assert.match(taken?.message ?? '', /nobody else of this site has; got "alice@EXAMPLE.org"/);
  assert.equal(takenMailFault('alice@example.org', 'alice', others), undefined, 'her own');
  for (const mail of ['al@example.org', '', undefined])
    assert.equal(takenMailFault(mail, 'carol', others), undefined);
});
