import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDomain, checkHost, mixedScriptLabels, qualifyHost } from './names.ts';
import { nearest } from './nearest.ts';

test('names come out as lower-case A-labels without the trailing dot', () => {
  const canonical: Record<string, string> = {
    'EXAMPLE.org.': 'example.org',
    'bücher.example.org': 'xn--bcher-kva.example.org',
    'BÜCHER.example.org': 'xn--bcher-kva.example.org',
    'bu\u0308cher.example.org': 'xn--bcher-kva.example.org',
    'XN--BCHER-KVA.example.org': 'xn--bcher-kva.example.org',
    'faß.example.org': 'xn--fa-hia.example.org',
    '例え。テスト': 'xn--r8jz45g.xn--zckzah',
    '1and1.example.org': '1and1.example.org',
    'a--b.example.org': 'a--b.example.org',
    [`${'a'.repeat(63)}.org`]: `${'a'.repeat(63)}.org`,
  };
  for (const [text, expected] of Object.entries(canonical))
    assert.deepEqual(checkDomain(text), { ok: expected }, text);
});

test('a canonical name is its own canonical form', () => {
  for (const text of ['xn--bcher-kva.example.org', 'xn--r8jz45g.xn--zckzah', 'example.org'])
    assert.deepEqual(checkDomain(text), { ok: text });
});

test('names that a browser reads as an address, or that look like another name, are refused', () => {
  for (const text of [
    '1.2.3',
    '0x7f.1',
    'é.1',
    '１.２.３.４',
    '[::1]',
    'exam\u00adple.org',
    'a\u200db.org',
    '-',
    'a.-',
    'xn--zzzzz99999.org',
  ])
    assert.ok('refused' in checkDomain(text), text);
});

test('a host is a label, the domain or a name below it', () => {
  assert.deepEqual(qualifyHost('people', 'example.org'), { ok: 'people.example.org' });
  assert.deepEqual(qualifyHost('a.people.example.org', 'example.org'), { ok: 'a.people.example.org' });
  assert.deepEqual(qualifyHost('example.org', 'example.org'), { ok: 'example.org' });
  assert.ok('refused' in qualifyHost('notexample.org', 'example.org'));
  assert.deepEqual(checkHost('People.'), { ok: 'people' });
});

test('a label of two scripts is noticed, one of a single script is not', () => {
  const latinWithCyrillic = checkDomain('p\u0430ypal.example');
  assert.ok('ok' in latinWithCyrillic);
  assert.deepEqual(mixedScriptLabels(latinWithCyrillic.ok), ['p\u0430ypal']);
  assert.deepEqual(mixedScriptLabels('xn--bcher-kva.example.org'), []);
});

test('the nearest name is one a person may have meant', () => {
  const names = ['contacts', 'projects', 'dns', 'mail'];
  const meant: Record<string, string | undefined> = {
    contcts: 'contacts',
    Mial: 'mail',
    dsn: 'dns',
    website: undefined,
    x: undefined,
  };
  for (const [word, expected] of Object.entries(meant)) assert.equal(nearest(word, names), expected, word);
});
