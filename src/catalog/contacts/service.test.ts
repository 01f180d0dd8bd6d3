import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextData, siteData } from '../../../test/lib/site-data.ts';
import type { Requests } from '../../contracts/contracts.ts';
import type { DnsRecordRequest } from '../../contracts/dns-record.ts';
import { radicaleConfig } from './config.ts';
import { service } from './service.ts';

const people = {
  host: 'directory.example.org',
  port: 636,
  base: 'dc=example,dc=org',
  people: 'ou=people,dc=example,dc=org',
  groups: 'ou=groups,dc=example,dc=org',
  bind: 'cn=contacts,ou=services,dc=example,dc=org',
  password: { secret: 'contacts/directory-bind' },
  ca: { secret: 'ca/root/certificate' },
} as const;
const devices = { base: 'ou=contacts,ou=apps,dc=example,dc=org' };

/** Records that one service asks for on a site with services of these ids, all of this type. */
function recordsOf(id: string, ids: string[]): DnsRecordRequest[] {
  const services = ids.map((each) => ({ id: each, type: 'contacts', host: 'dav.example.org', settings: {} }));
  const own = services.find((each) => each.id === id);
  assert.ok(own);
  const requests: Requests = service.requests(contextData(own, siteData({ services })));
  return Object.values(requests).filter((request) => request.contract === 'dns-record');
}

test('of several, the domain leads to one: to the one called contacts, else to the first', () => {
  const counts = (ids: string[]) => ids.map((id) => recordsOf(id, ids).length);
  assert.deepEqual(counts(['club', 'contacts', 'work']), [0, 4, 0]);
  assert.deepEqual(counts(['club', 'work']), [4, 0]);
});

test('clients find both protocols from the domain, whatever the host is called', () => {
  assert.deepEqual(
    recordsOf('contacts', ['contacts']).map(({ name, type, values }) => [name, type, ...values].join(' ')),
    [
      '_carddavs._tcp.example.org SRV 0 1 443 dav.example.org.',
      '_carddavs._tcp.example.org TXT "path=/"',
      '_caldavs._tcp.example.org SRV 0 1 443 dav.example.org.',
      '_caldavs._tcp.example.org TXT "path=/"',
    ],
  );
});

test('app passwords are asked for over TLS with our CA, and everybody sees their own collections only', () => {
  const config = radicaleConfig(people, devices);
  assert.equal(config.format, 'ini');
  if (config.format !== 'ini') return;
  const { auth, rights, server } = config.sections;
  assert.deepEqual(auth, {
    type: 'directory_login',
    realm: 'Contacts and calendars',
    delay: 1,
    ldap_uri: 'ldaps://directory.example.org:636',
    ldap_base: 'ou=contacts,ou=apps,dc=example,dc=org',
    ldap_filter: '(&(objectClass=device)(uid={0})(cn={1}))',
    ldap_user_attribute: 'uid',
    ldap_reader_dn: 'cn=contacts,ou=services,dc=example,dc=org',
    ldap_secret: { secret: 'contacts/directory-bind' },
    ldap_ssl_ca_file: '/etc/allod/live/ca.pem',
  });
  assert.deepEqual(rights, { type: 'owner_only' });
  assert.equal(server?.hosts, '127.0.0.1:5232', 'nginx in the pod is the only way in');
});
