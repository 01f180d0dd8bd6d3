import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LONGEST_PASSWORD, passwordFault, SHORTEST_PASSWORD } from './password-rule.ts';

const NAME = 'bartholomew.lee';

test('passwords that are refused, and why; the message never holds the password', () => {
  const refused: [string, RegExp][] = [
    ['', /a length of 0/],
    ['fourteen signs', /a length of 14/],
    ['🦊'.repeat(14), /a length of 14/],
    ['wide '.repeat(60), /a length of 300/],
    ['two lines of it\nare not one', /a control character/],
    ['nul\0 is in the middle', /a control character/],
    ['Bartholomew.Lee', /little but the name/],
    ['bartholomewlee 1978', /little but the name/],
    ['aaaaaaaaaaaaaaaaaa', /again and again/],
    ['passwordpassword', /again and again/],
    ['secret secret secret', /again and again/],
    ['abcabcabcabcabca', /again and again/],
    ['               ', /again and again/],
    ['123456789012345', /in their order/],
    ['987654321098765', /in their order/],
    ['abcdefghijklmnop', /in their order/],
    ['qwertyuiopasdfgh', /in their order/],
    ['bartholomewlee12345678', /in their order/],
  ];
  for (const [password, reason] of refused) {
    const fault = passwordFault(password, NAME);
    assert.match(fault?.message ?? 'taken', reason, password);
    if (password.trim()) assert.ok(!fault?.message.includes(password));
  }
});

test('a letter counts once, however it was typed', () => {
  const composed = 'fünfzehn é öäß'; // 14
  assert.match(passwordFault(composed.normalize('NFD'), NAME)?.message ?? '', /a length of 14/);
});

test('any sign of Unicode, no rule of which, and long ones', () => {
  const taken = [
    'fifteen letters',
    'correct horse battery',
    'down the rabbit hole',
    'Ягодный пирог с чаем',
    '🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧🐦🐤🦆',
    '7gk2-x9mq-0fvd-h3pt',
    'bartholomew likes his tea strong',
    'the same horse, the same battery, the same staple, the same song',
  ];
  for (const password of taken) assert.equal(passwordFault(password, NAME), undefined, password);
  assert.equal(SHORTEST_PASSWORD, 15);
  assert.ok(LONGEST_PASSWORD >= 64);
});
