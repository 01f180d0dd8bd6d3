import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextData } from '../../../test/lib/site-data.ts';
import { appPasswords } from '../../contracts/app-passwords.ts';
import { directoryBind } from '../../contracts/directory-bind.ts';
import type { Context, Fulfilment } from '../../contracts/service.ts';
import { baseTree, slapdConf } from './config.ts';
import { rootSearch } from './probe.ts';
import { service } from './service.ts';

test('the probe is the search of RFC 4511, and wants the answer to name our base', () => {
  const { send, expect } = rootSearch('dc=example,dc=org');
  assert.equal(
    send,
    '30350201016330' + // message 1, search
      '04000a01000a0100020100020105010100' + // root DSE, base, no limits but 5 s
      '870b6f626a656374436c617373' + // (objectClass=*)
      '3010040e6e616d696e67436f6e7465787473', // namingContexts
  );
  // As slapd 2.6 answered it.
  const answer =
    '3030020101642b040030273025040e6e616d696e67436f6e74657874733113041164633d6578616d706c652c64633d6f7267';
  assert.match(answer, new RegExp(expect));
  assert.doesNotMatch(answer, new RegExp(rootSearch('dc=sample,dc=org').expect));
});

test('a base of more than 127 bytes has a length of two bytes in the answer', () => {
  assert.match(rootSearch(`dc=${'x'.repeat(60)},dc=${'y'.repeat(60)},dc=org`).expect, /^048186/);
});

test('a consumer gets a bind of its own, its password, the way there and nothing else', () => {
  const asked = { people: directoryBind({ why: 'people sign in' }) };
  const done = service.provides?.fulfil(context('directory'), context('wiki'), asked);
  assert.deepEqual(done, {
    results: {
      people: {
        host: 'directory.example.org',
        port: 636,
        base: 'dc=example,dc=org',
        people: 'ou=people,dc=example,dc=org',
        groups: 'ou=groups,dc=example,dc=org',
        bind: 'cn=wiki,ou=services,dc=example,dc=org',
        password: { secret: 'wiki/directory-bind' },
        ca: { secret: 'ca/root/certificate' },
      },
    },
    requests: {
      'directory-bind': {
        contract: 'secret',
        name: 'directory-bind',
        why: 'the password of its bind to the directory',
      },
    },
    resources: [
      {
        kind: 'account',
        name: 'wiki',
        spec: { password: { secret: 'wiki/directory-bind' } },
        rule: 'directory-bind',
        sentence: 'wiki reads people with a bind of its own',
      },
    ],
    allow: [
      {
        from: 'wiki',
        to: 'directory',
        port: 636,
        protocol: 'tcp',
        why: 'wiki checks the passwords of people',
      },
    ],
  });
});

test('a service that takes app passwords has a place of its own for them, open to those who may use it', () => {
  const ask = (access?: string[]): Fulfilment | undefined => {
    const asked = {
      people: directoryBind({ why: 'people sign in' }),
      devices: appPasswords({ protocols: ['Wiki'], why: 'devices sign in' }),
    };
    const consumer = context('wiki', access);
    return service.provides?.fulfil(context('directory'), consumer, asked);
  };
  const done = ask();
  assert.deepEqual(Object.keys(done?.results ?? {}).sort(), ['devices', 'people']);
  assert.deepEqual(done?.results.devices, { base: 'ou=wiki,ou=apps,dc=example,dc=org' });
  const placeOf = (fulfilment: Fulfilment | undefined) =>
    fulfilment?.resources?.find(({ name }) => name === 'apps/wiki');
  assert.deepEqual(placeOf(done)?.spec, {});
  assert.deepEqual(placeOf(ask(['family', 'club']))?.spec, { access: ['family', 'club'] });
});

test('the start script waits for the last entry of the tree, so the order of entries is parents first', () => {
  const content = baseTree('example.org');
  const ldif = content.format === 'text' ? content.parts.join('') : '';
  const entries = [...ldif.matchAll(/^dn: (.*)$/gm)].map(([, dn]) => dn);
  assert.deepEqual(entries, [
    'dc=example,dc=org',
    'ou=people,dc=example,dc=org',
    'ou=groups,dc=example,dc=org',
    'ou=services,dc=example,dc=org',
    'cn=password-policy,dc=example,dc=org',
    'ou=apps,dc=example,dc=org',
  ]);
});

test('the admin password is a reference in the configuration, between quotes', () => {
  const ref = { secret: 'directory/admin-password' };
  const content = slapdConf('dc=example,dc=org', ref);
  assert.equal(content.format, 'text');
  const parts = content.format === 'text' ? content.parts : [];
  const at = parts.indexOf(ref);
  assert.match(String(parts[at - 1]), /rootpw "$/);
  assert.match(String(parts[at + 1]), /^"\n/);
});

function context(id: string, access?: string[]): Context {
  const host = `${id}.example.org`;
  return contextData({ id, type: id, host, settings: {}, ...(access ? { access } : {}) });
}
