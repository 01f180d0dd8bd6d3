import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Requests } from '../../contracts/contracts.ts';
import { httpRoute } from '../../contracts/http-route.ts';
import type { Context, Received } from '../../contracts/service.ts';
import { tlsPort } from '../../contracts/tls-port.ts';
import { haproxyCfg, routesMap, routesOf } from './haproxy.ts';
import { service } from './service.ts';

const site = {
  domain: 'example.org',
  network: { ipv4: { address: '203.0.113.7' } },
  certificates: {},
  services: [],
};
const edge = { site, service: { id: 'edge' }, address: () => '2001:db8::443' } as unknown as Context;
const consumer = { site, service: { id: 'files' }, address: () => '2001:db8::5' } as unknown as Context;
const web = httpRoute({ host: 'files.example.org', port: 5000, maxBody: 1024, why: 'people' });
const ldap = tlsPort({ host: 'people.example.org', port: 636, target: 389, why: 'logins' });

function fulfil(requests: Requests) {
  const fulfilment = service.provides?.fulfil(edge, consumer, requests);
  assert.ok(fulfilment);
  return fulfilment;
}

function conf(requests: Requests): string {
  const content = fulfil(requests).containers?.[0]?.files.find(({ path }) => path === 'nginx.conf')?.content;
  return content?.format === 'text' ? content.parts.join('') : '';
}

test('a web service is reached in both families and has a certificate; a TLS port has a certificate alone', () => {
  assert.deepEqual(Object.keys(fulfil({ web }).requests ?? {}), [
    'certificate files.example.org',
    'HTTPS files.example.org',
  ]);
  assert.deepEqual(
    fulfil({ web }).openings?.map(({ hosts, port, ipv4 }) => [hosts, port, ipv4]),
    [443, 80].map((port) => [['files.example.org'], port, 'edge']),
  );
  assert.deepEqual(Object.keys(fulfil({ ldap }).requests ?? {}), ['certificate people.example.org']);
  assert.equal(fulfil({ ldap }).openings, undefined);
});

test('the certificate of a web host is public, that of a TLS port is not', () => {
  const asked = Object.values(fulfil({ web, ldap }).requests ?? {});
  assert.deepEqual(
    asked.flatMap((request) =>
      request.contract === 'certificate' ? [[request.names[0], request.public]] : [],
    ),
    [
      ['people.example.org', undefined],
      ['files.example.org', true],
    ],
  );
});

test('the DNS names the keys of ports that anybody may meet, and of no others', () => {
  const host = 'files.example.org';
  const imap = tlsPort({ host, port: 993, target: 143, public: true, why: 'mail' });
  const ports = (requests: Requests) =>
    Object.values(fulfil(requests).requests ?? {}).flatMap((request) =>
      request.contract === 'certificate' ? [request.ports] : [],
    );
  assert.deepEqual(ports({ web }), [[443]]);
  assert.deepEqual(ports({ ldap }), [undefined]);
  assert.deepEqual(ports({ imap }), [[993]]);
  assert.deepEqual(ports({ imap, web }), [[443, 993]]);
  const smtp = { ...imap, port: 465, target: 25 };
  assert.deepEqual(ports({ imap, smtp, inner: { ...ldap, host } }), [[993, 465]]);
});

test('HSTS where browsers know who signs, and what an app says of it nowhere', () => {
  const directory = 'https://ca.example.net/directory';
  const hsts = (certificates: object) => {
    const other = { ...edge, site: { ...site, certificates } } as unknown as Context;
    const files = service.provides?.fulfil(other, consumer, { web }).containers?.[0]?.files ?? [];
    const text = JSON.stringify(files);
    assert.match(text, /proxy_hide_header Strict-Transport-Security;/);
    return text.includes('add_header Strict-Transport-Security');
  };
  assert.equal(hsts({}), false);
  assert.equal(hsts({ acme: { directory } }), true);
  assert.equal(hsts({ acme: { directory, ca: '/etc/ssl/office-ca.pem' } }), false);
});

test('the port that takes PROXY protocol is open to the edge alone; a TLS port opens nothing by itself', () => {
  const allow = fulfil({ web, ldap }).allow ?? [];
  assert.deepEqual(
    allow.map(({ from, to, port }) => [from, to, port]),
    [['edge', 'files', 8443]],
  );
  assert.equal(fulfil({ ldap }).allow, undefined);
});

test('nginx believes the edge alone, and tells the app nothing a client made up about who it is', () => {
  const text = conf({ web });
  assert.deepEqual(text.match(/set_real_ip_from .*/g), ['set_real_ip_from 2001:db8::443;']);
  assert.match(text, /client_max_body_size 1024m;/);
  for (const header of ['X-Remote-User', 'Remote-User', 'Forwarded', 'X-Script-Name'])
    assert.ok(text.includes(`proxy_set_header ${header} "";`), header);
  assert.doesNotMatch(text, /^stream/m);
  assert.doesNotMatch(conf({ ldap }), /^http/m);
});

test('routes: one line a host, one server a pod, in an order that does not depend on who asked first', () => {
  const received = ['b', 'a'].flatMap((id): Received[] =>
    ['y', 'x'].map((label) => ({
      consumer: { id, type: id, host: '', settings: {} },
      title: 'Files',
      address: `2001:db8::${id}`,
      request: httpRoute({ host: `${label}.${id}.example.org`, port: 1, why: '' }),
    })),
  );
  const routes = routesOf(received);
  assert.deepEqual(routes, routesOf(received.toReversed()));
  assert.equal(
    routesMap(routes),
    'x.a.example.org a\nx.b.example.org b\ny.a.example.org a\ny.b.example.org b\n',
  );
  assert.deepEqual(haproxyCfg(routes).match(/^ {2}server .*/gm), [
    '  server a [2001:db8::a]:8443',
    '  server b [2001:db8::b]:8443',
  ]);
});
