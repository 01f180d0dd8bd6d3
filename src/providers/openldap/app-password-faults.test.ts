import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedFaults, fullFault, notAllowedFault, notThere } from './app-password-faults.ts';

const takers = ['contacts', 'mail'];
const good = { name: 'alice', service: 'contacts', label: 'Alice’s phone' };

test('what is asked for is taken, or all its faults come at once', () => {
  assert.deepEqual(askedFaults(good, takers), []);
  const faults = askedFaults({ name: 'Alice', service: 'projects', label: '' }, takers);
  assert.deepEqual(
    faults.map(({ where }) => where),
    ['name', 'service', 'label'],
  );
  assert.match(faults[1]?.message ?? '', /got "projects"; try contacts or mail$/);
  assert.match(askedFaults(good, [])[0]?.message ?? '', /got "contacts"; this site has none$/);
});

test('a label is 1 to 60 characters that can be seen', () => {
  const taken = (label: string) => askedFaults({ ...good, label }, takers).length === 0;
  for (const label of ['x', 'Bob’s Ångström-Gerät 2', '🦊'.repeat(60), '-n', 'a  b'])
    assert.ok(taken(label), label);
  const refused = [
    '',
    ' ',
    'x'.repeat(61),
    ' phone',
    'phone ',
    'two\nlines',
    'zero\u200bwidth',
    '\u202eenohp',
    'nul\0',
  ];
  for (const label of [...refused, '\u2028', '\ud800']) assert.ok(!taken(label), JSON.stringify(label));
});

test('a fault says what was found, and what to try', () => {
  assert.match(
    notAllowedFault(good, ['family', 'club']).message,
    /^expected somebody of family or club, who may use contacts; got alice; try /,
  );
  assert.match(
    notAllowedFault(good, [], true).message,
    /got alice, who is disabled; try `allod user enable alice`$/,
  );
  assert.match(fullFault(good).message, /^expected at most 20 /);
  const hostile = notThere('alice', 'x,ou=people', `7${'*'.repeat(500)}`).message;
  assert.ok(hostile.length < 300, hostile);
});
