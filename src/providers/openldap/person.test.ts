import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptMail, takenMailFault } from './mail.ts';
import { likenessFault, nameFault, personFaults } from './person.ts';

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
    'alice@bücher.example',
    'alice@李.example',
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
    'a@exam\u00adple.org',
    'a@example.org\u200b',
    '\u202ea@example.org',
    ' a@example.org',
    'a@bücher..example',
    'a@xn--a.example',
    'a@192.0.2.1',
    'a@exаmple.org', // the third letter is Cyrillic
  );
  for (const mail of bad) assert.ok(fault(mail), JSON.stringify(mail));
});

test('display names', () => {
  const fault = (displayName: string) => personFaults({ name: 'alice', displayName }).length > 0;
  for (const name of ['A', 'Alice Ångström', '李雷', 'x'.repeat(128)]) assert.ok(!fault(name), name);
  for (const name of ['', ' ', ' Alice', 'Alice ', 'a\nb', 'evil\u202egnp', 'x\u200by', 'x'.repeat(129)])
    assert.ok(fault(name), JSON.stringify(name));
});

test('a domain of other letters is kept by its A-labels, which mail goes by', () => {
  assert.equal(keptMail('alice@Bücher.example'), 'alice@xn--bcher-kva.example');
  assert.equal(keptMail('Alice@Example.org'), 'Alice@Example.org');
  assert.equal(keptMail(''), '');
});

test('a text that people see: all that is wrong with it, in one message that shows what is not seen', () => {
  const hostile = ` ${'\u202e'}pаyroll${'\u2028'}b${'\u{e0041}'}\u00a0`;
  const [fault] = personFaults({ name: 'alice', displayName: hostile });
  assert.match(
    fault?.message ?? '',
    /: white space at an end, characters that are not seen \(U\+202E, U\+2028, U\+E0041, U\+00A0\), letters of two alphabets in one word; try /,
  );
  assert.match(fault?.message ?? '', /got " \\u\{202e\}p/);
  assert.doesNotMatch(fault?.message ?? '', /[\u202e\u2028\u{e0041}]/u);
  for (const name of [
    '\u202eAlice',
    'Alice\u200b',
    '\u3164',
    'a\u034fb',
    'a\u2800b',
    'a\u2028b',
    '\ud800',
    'Bob\tB',
  ])
    assert.equal(personFaults({ name: 'alice', displayName: name }).length, 1, JSON.stringify(name));
  for (const name of ['Иван Петров', 'Ελένη', 'Ivan Иван', 'Zoë O’Neill-9', '🦊'])
    assert.deepEqual(personFaults({ name: 'alice', displayName: name }), []);
});

test('nobody is shown by a name that people take for somebody else', () => {
  const others = [
    { name: 'alice', displayName: 'Alice Ångström' },
    { name: 'bob', displayName: 'Bob Straße' },
  ];
  const like = (name: string) => /take for (\w+)/.exec(likenessFault(name, others)?.message ?? '')?.[1];
  for (const name of [
    'Alice Ångström',
    'ALICE ÅNGSTRÖM',
    'alice  ångström'.normalize('NFD'),
    'Ａlice Ångström',
    'Alice',
    'Аlice',
  ])
    assert.equal(like(name), 'alice', name);
  for (const name of ['BOB STRASSE', 'ВОВ', 'Βοβ', 'BoB']) assert.equal(like(name), 'bob', name);
  for (const name of ['Alice Angstrom', 'Bobby', 'Борис', 'Carol']) assert.equal(like(name), undefined, name);
});

test('all faults of one person come at once', () => {
  const faults = personFaults({ name: 'A', displayName: '', mail: 'x', password: 'y' });
  assert.deepEqual(
    faults.map((fault) => fault.where),
    ['name', 'display name', 'mail', 'password'],
  );
});

test('two people never have one address, however it is written', () => {
  const others = [{ name: 'alice', mail: 'Alice@xn--bcher-kva.example' }, { name: 'bob' }];
  const taken = takenMailFault('alice@BÜCHER.example', 'bob', others);
  assert.match(taken?.message ?? '', /nobody else of this site has; got "alice@BÜCHER.example"/);
  assert.equal(takenMailFault('alice@bücher.example', 'alice', others), undefined, 'her own');
  for (const mail of ['al@bücher.example', '', undefined])
    assert.equal(takenMailFault(mail, 'carol', others), undefined);
});
