import { z } from 'zod';
import type { Requests } from '../../contracts/contracts.ts';
import { dnsRecord } from '../../contracts/dns-record.ts';
import { forwardAuth, signInHost } from '../../contracts/forward-auth.ts';
import type { HttpRouteRequest } from '../../contracts/http-route.ts';
import { publicPort } from '../../contracts/public-port.ts';
import { type Context, defineService, type Fulfilment } from '../../contracts/service.ts';
import type { TlsPortRequest } from '../../contracts/tls-port.ts';
import { LIVE, text } from '../../model/files.ts';
import { certificateFor, hasPublicCa } from './certificate.ts';
import { haproxyCfg, PROXY_PORT, routesMap, routesOf } from './haproxy.ts';
import { type Entry, nginxContainer } from './nginx.ts';

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
      // The authorities of the world: the portal's certificate may be of one of them.
      packages: ['nginx-light', 'libnginx-mod-stream', 'ca-certificates'],
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

/** Why the portal is asked. */
const SIGN_IN = 'the app cannot sign people in by itself';

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
    containers: [nginxContainer(http, tls, entryOf(edge))],
    requests: followUps(http, tls),
    ...(http.length > 0 ? webAccess(edge.service.id, consumer.service.id, http) : {}),
  };
}

function entryOf({ site, address }: Context): Entry {
  const publicCa = hasPublicCa(site);
  return { edge: address(), hsts: publicCa, portal: { host: signInHost(site), publicCa } };
}

/**
 * A certificate for every host. Only those of web services are public: what is behind a `tls-port` serves clients of the
 * site, which trust the site CA alone.
 */
function followUps(http: HttpRouteRequest[], tls: TlsPortRequest[]): Requests {
  const requests: Requests = {};
  for (const { host, why } of [...tls, ...http])
    requests[`certificate ${host}`] = certificateFor(host, why, http, tls);
  for (const { host, why } of http)
    requests[`HTTPS ${host}`] = dnsRecord({ name: host, type: 'HTTPS', values: ['1 . alpn=h2'], why });
  for (const { host, signIn } of http)
    if (signIn) requests[`forward-auth ${host}`] = forwardAuth({ host, why: SIGN_IN });
  return requests;
}

function webAccess(
  edge: string,
  consumer: string,
  http: HttpRouteRequest[],
): Pick<Fulfilment, 'allow' | 'openings'> {
  const web = { hosts: http.map(({ host }) => host), protocol: 'tcp', ipv4: 'edge' } as const;
  const why = 'people come through the edge over IPv4';
  return {
    openings: [
      { ...web, port: 443, why: http[0]?.why ?? '' },
      { ...web, port: 80, why: 'sends browsers on to https' },
    ],
    allow: [{ from: edge, to: consumer, port: PROXY_PORT, protocol: 'tcp', why }],
  };
}
