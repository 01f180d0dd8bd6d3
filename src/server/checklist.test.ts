import assert from 'node:assert/strict';
import { test } from 'node:test';
import { siteData } from '../../test/lib/site-data.ts';
import type { Person } from '../model/people.ts';
import { type ChecklistFacts, checklist } from './checklist.ts';

const site = siteData({ administrators: ['alice'], services: [] });

function person(name: string, administrator = false): Person {
  return { name, displayName: name, administrator, password: true, groups: [] };
}

const fresh: ChecklistFacts = {
  ...{ site, portal: false, people: [], hasProof: () => undefined, kit: false, ticked: new Set() },
};

function doneOf(facts: Partial<ChecklistFacts>): Record<string, boolean> {
  return Object.fromEntries(checklist({ ...fresh, ...facts }).map(({ id, done }) => [id, done]));
}

test('of a new site all is to do, each with what to do', () => {
  const items = checklist(fresh);
  assert.deepEqual(
    items.map(({ id, done }) => [id, done]),
    [
      ['administrator', false],
      ['site-ca', false],
      ['recovery-kit', false],
      ['delegation', false],
      ['dnssec', false],
      ['second-name-server', false],
      ['people', false],
    ],
  );
  for (const { id, page, command, text } of items) {
    assert.ok(page ?? command, id);
    assert.match(text, /^[A-Z].*\.$/, id);
  }
  assert.equal(items[0]?.command, './allod user add alice');
});

test('each point is done by its own fact, and by no other', () => {
  const before = doneOf({});
  const at = Date.now();
  const secondaries = [{ name: 'ns2.example.net', addresses: ['203.0.113.53'] }];
  const acme = { directory: 'https://ca.example.net/directory' };
  for (const [id, facts] of Object.entries({
    administrator: { people: [person('alice', true)] },
    'recovery-kit': { kit: true },
    delegation: { checks: { at, states: { delegation: 'ok', dnssec: 'warning' } } },
    dnssec: { checks: { at, states: { delegation: 'fault', dnssec: 'ok' } } },
    'second-name-server': { site: { ...site, dns: { ...site.dns, secondaries } } },
    'site-ca': { site: { ...site, certificates: { ...site.certificates, acme } } },
    people: { people: [person('bob')] },
  } satisfies Record<string, Partial<ChecklistFacts>>))
    assert.deepEqual(doneOf(facts), { ...before, [id]: true }, id);
});

test('a person may tick what nobody else can know, and nothing else', () => {
  const all = new Set(checklist(fresh).map(({ id }) => id));
  const done = checklist({ ...fresh, ticked: all }).filter((item) => item.done);
  assert.deepEqual(
    done.map(({ id, tick }) => [id, tick]),
    [
      ['site-ca', true],
      ['second-name-server', true],
      ['people', true],
    ],
  );
});

test('a proof is asked for where it is known who has one', () => {
  const people = [person('alice', true)];
  const textOf = (has: boolean) => {
    const facts = { ...fresh, people, hasProof: () => has };
    return checklist(facts).find(({ id }) => id === 'proof');
  };
  assert.equal(textOf(true)?.done, true);
  assert.equal(textOf(false)?.done, false);
  assert.match(textOf(false)?.text ?? '', /alice should have/);
});

test('where there is a portal, people are invited', () => {
  const items = checklist({ ...fresh, portal: true });
  assert.equal(items[0]?.command, './allod user invite alice');
  assert.equal(items.at(-1)?.command, './allod user invite NAME');
});

test('a site for this machine alone has nothing to tell a registrar', () => {
  const local = doneOf({ site: { ...site, domain: 'allod.localhost' } });
  assert.deepEqual(Object.keys(local), ['administrator', 'site-ca', 'recovery-kit', 'people']);
});
