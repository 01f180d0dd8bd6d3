import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Requests } from '../../contracts/contracts.ts';
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

test('clients find both protocols from the domain, whatever the host is called', () => {
  const requests: Requests = service.requests({
    site: {
      version: 1,
      domain: 'example.org',
      network: {
        ipv6: { pool: '2001:db8:a:10::/64' },
        ipv4: { address: '203.0.113.7', listen: '203.0.113.7' },
      },
      administrators: [],
      services: [],
    },
    service: { id: 'contacts', type: 'contacts', host: 'dav.example.org', settings: {} },
    address: () => '2001:db8:a:10::1',
  });
  const records = Object.values(requests).filter((request) => request.contract === 'dns-record');
  assert.deepEqual(
    records.map(({ name, type, values }) => [name, type, ...values].join(' ')),
    [
      '_carddavs._tcp.example.org SRV 0 1 443 dav.example.org.',
      '_carddavs._tcp.example.org TXT "path=/"',
      '_caldavs._tcp.example.org SRV 0 1 443 dav.example.org.',
      '_caldavs._tcp.example.org TXT "path=/"',
    ],
  );
});

test('people are asked for over TLS with our CA, and everybody sees their own collections only', () => {
  const config = radicaleConfig(people);
  assert.equal(config.format, 'ini');
  if (config.format !== 'ini') return;
  const { auth, rights, server } = config.sections;
  assert.deepEqual(auth, {
    type: 'directory_login',
    realm: 'Contacts and calendars',
    delay: 1,
    ldap_uri: 'ldaps://directory.example.org:636',
    ldap_base: 'ou=people,dc=example,dc=org',
    ldap_filter: '(&(objectClass=inetOrgPerson)(uid={0}))',
    ldap_user_attribute: 'uid',
    ldap_reader_dn: 'cn=contacts,ou=services,dc=example,dc=org',
    ldap_secret: { secret: 'contacts/directory-bind' },
    ldap_ssl_ca_file: '/etc/allod/live/ca.pem',
  });
  assert.deepEqual(rights, { type: 'owner_only' });
  assert.equal(server?.hosts, '127.0.0.1:5232', 'nginx in the pod is the only way in');
});
