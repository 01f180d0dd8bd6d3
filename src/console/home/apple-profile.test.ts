import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appleProfile, davProtocols } from './apple-profile.ts';

const me = { name: 'alice', domain: 'example.org', title: 'Ann & <Bob>' };
const service = {
  service: 'contacts',
  title: 'Contacts',
  protocols: ['CardDAV (contacts)', 'CalDAV (calendars)'],
  server: 'https://contacts.example.org:8443/',
};

function profile(of = service): string {
  let count = 0;
  return appleProfile({ me, service: of, ids: () => `id-${++count}` });
}

test('a profile names server, port and person of both accounts, and no password', () => {
  const text = profile();
  for (const dav of ['CardDAV', 'CalDAV']) {
    assert.ok(text.includes(`<string>com.apple.${dav.toLowerCase()}.account</string>`));
    assert.ok(text.includes(`<key>${dav}HostName</key><string>contacts.example.org</string>`));
    assert.ok(text.includes(`<key>${dav}Port</key><integer>8443</integer>`));
    assert.ok(text.includes(`<key>${dav}Username</key><string>alice</string>`));
    assert.ok(text.includes(`<key>${dav}UseSSL</key><true/>`));
  }
  assert.doesNotMatch(text, /Password/i);
});

test('what people call their site cannot become markup', () => {
  const text = profile();
  assert.ok(text.includes('Ann &amp; &lt;Bob>'));
  assert.doesNotMatch(text, /<Bob>/);
});

test('a server without scheme is reached by HTTPS; other protocols make no account', () => {
  assert.ok(profile({ ...service, server: 'dav.example.org' }).includes('<integer>443</integer>'));
  assert.deepEqual(davProtocols({ protocols: ['IMAP', 'SMTP'] }), []);
});
