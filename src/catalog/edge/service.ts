import { z } from 'zod';
import type { Requests } from '../../contracts/contracts.ts';
import { dnsRecord } from '../../contracts/dns-record.ts';
import type { HttpRouteRequest } from '../../contracts/http-route.ts';
import { publicPort } from '../../contracts/public-port.ts';
import { type Allow, type Context, defineService, type Fulfilment } from '../../contracts/service.ts';
import type { TlsPortRequest } from '../../contracts/tls-port.ts';
import { LIVE, text } from '../../model/files.ts';
import { certificateFor, hasPublicCa } from './certificate.ts';
import { haproxyCfg, PROXY_PORT, routesMap, routesOf } from './haproxy.ts';
import { nginxContainer } from './nginx.ts';

const UID = 10443;

/** `GET / HTTP/1.1` for a host nobody has, and any HTTP answer to it. */
const ASK = Buffer.from('GET / HTTP/1.1\r\nHost: probe.invalid\r\nConnection: close\r\n\r\n').toString('hex');
const ANSWER = `^${Buffer.from('HTTP/1.1 404').toString('hex')}`;

export const service = defineService({
  type: 'edge',
  title: 'Entry for IPv4',
  suffix: 0x443,
  settings: z.strictObject({}),
  images: [
    {
      name: 'haproxy',
      packages: ['haproxy'],
      // Not `haproxy`: the package insists on making a system user of that name itself.
      users: [{ name: 'allod-edge', uid: UID, home: '/nonexistent' }],
      files: {},
      run: [],
    },
    {
      name: 'nginx',
      packages: ['nginx-light', 'libnginx-mod-stream'],
      users: [{ name: 'nginx', uid: 10080, home: '/nonexistent' }],
      files: {},
      run: [],
    },
  ],

  requests() {
    return {
      https: publicPort({ port: 443, protocol: 'tcp', why: 'one IPv4 address for every web service' }),
      http: publicPort({ port: 80, protocol: 'tcp', why: 'sends browsers on to https' }),
    };
  },

  workload(_context, _got, received) {
    const routes = routesOf(received);
    return {
      containers: [
        {
          name: 'app',
          image: 'haproxy',
          command: ['/usr/sbin/haproxy', '-W', '-db', '-f', `${LIVE}/haproxy.cfg`],
          user: UID,
          memory: 384,
          files: [
            { path: 'haproxy.cfg', content: text`${haproxyCfg(routes)}` },
            { path: 'routes.map', content: text`${routesMap(routes)}` },
          ],
          mounts: [],
          scratch: ['/run/haproxy'],
          reload: { how: 'signal', signal: 'USR2' },
        },
      ],
      probe: { kind: 'exchange', port: 80, send: ASK, expect: ANSWER },
      startSeconds: 30,
    };
  },

  provides: { contracts: ['http-route', 'tls-port'], fulfil },
});

function fulfil(edge: Context, consumer: Context, requests: Requests): Fulfilment {
  const http: HttpRouteRequest[] = [];
  const tls: TlsPortRequest[] = [];
  const results: Record<string, unknown> = {};
  for (const [key, request] of Object.entries(requests)) {
    if (request.contract === 'http-route') {
      http.push(request);
      results[key] = { url: `https://${request.host}/` };
    } else if (request.contract === 'tls-port') {
      tls.push(request);
      results[key] = {};
    }
  }
  return {
    results,
    containers: [nginxContainer(http, tls, { edge: edge.address(), hsts: hasPublicCa(edge.site) })],
    requests: followUps(edge, consumer, http, tls),
    allow: http.length > 0 ? webAccess(edge.service.id, consumer.service.id) : [],
  };
}

/**
 * A name, an address in each family and a certificate for every host. Only web services are behind the IPv4, and only
 * their certificates are public: what is behind a `tls-port` serves clients of the site, which trust the site CA alone.
 */
function followUps(
  edge: Context,
  consumer: Context,
  http: HttpRouteRequest[],
  tls: TlsPortRequest[],
): Requests {
  const requests: Requests = {};
  for (const { host, why } of [...tls, ...http]) {
    requests[`certificate ${host}`] = certificateFor(host, why, http, tls);
    requests[`AAAA ${host}`] = dnsRecord({ name: host, type: 'AAAA', values: [consumer.address()], why });
  }
  const { address } = edge.site.network.ipv4;
  for (const { host, why } of http) {
    requests[`HTTPS ${host}`] = dnsRecord({ name: host, type: 'HTTPS', values: ['1 . alpn=h2'], why });
    requests[`A ${host}`] = dnsRecord({ name: host, type: 'A', values: [address], why });
  }
  return requests;
}

function webAccess(edge: string, consumer: string): Allow[] {
  const web = { to: consumer, protocol: 'tcp' } as const;
  return [
    { ...web, from: 'anywhere', port: 443, why: 'people come here directly over IPv6' },
    { ...web, from: 'anywhere', port: 80, why: 'sends browsers on to https' },
    { ...web, from: edge, port: PROXY_PORT, why: 'people come through the edge over IPv4' },
  ];
}
