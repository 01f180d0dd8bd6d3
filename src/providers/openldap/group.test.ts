import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupFaults, groupNameFault } from './group.ts';
import { nameOfPerson } from './person.ts';

test('names of groups', () => {
  for (const name of ['a', 'family', 'team-9', 'x'.repeat(32)]) assert.equal(groupNameFault(name), undefined);
  const cases: [string, string][] = [
    ['Family', 'family'],
    ['the family', 'the-family'],
    ['9lives', 'lives'],
    ['a.b_c', 'a-b-c'],
    ['x'.repeat(33), 'x'.repeat(32)],
    ['cn=x,ou=groups', 'cnxougroups'],
    ['', 'a name such as family'],
    ['李', 'a name such as family'],
    ['family\n', 'family'],
  ];
  for (const [name, hint] of cases) {
    const message = groupNameFault(name)?.message ?? 'taken';
    assert.ok(message.endsWith(`; try ${hint}`), `${JSON.stringify(name)}: ${message}`);
  }
});

test('all faults of a group come at once', () => {
  const where = (name: string, text?: string) => groupFaults(name, text).map((fault) => fault.where);
  assert.deepEqual(where('A', 'a\nb'), ['group', 'description']);
  assert.deepEqual(where('family', ''), ['description']);
  assert.deepEqual(where('family', 'x'.repeat(201)), ['description']);
  assert.deepEqual(where('family', 'Those who live here'), []);
  assert.deepEqual(where('family'), []);
});

test('a member is a person only where the whole DN says so', () => {
  const base = 'dc=example,dc=org';
  assert.equal(nameOfPerson(`uid=alice,ou=people,${base}`, base), 'alice');
  for (const dn of [
    `cn=nobody,${base}`,
    `uid=alice,ou=removed,${base}`,
    `uid=alice,ou=people,dc=other,dc=org`,
    `uid=alice,ou=x,ou=people,${base}`,
    '',
  ])
    assert.equal(nameOfPerson(dn, base), undefined, dn);
});
