import type { Received } from '../../contracts/service.ts';
import { LIVE } from '../../model/files.ts';

/** Port of the consumers' nginx that takes PROXY protocol, from the edge alone. */
export const PROXY_PORT = 8443;

/** Said at port 80, in both families, where nobody has the host name: as it stands between quotes. */
export const NO_SUCH_HOST = 'No such host here.\\n';

/** Host name -> the pod that serves it. */
export interface Route {
  host: string;
  service: string;
  address: string;
}

export function routesOf(received: Received[]): Route[] {
  return received
    .flatMap(({ consumer, address, request }) =>
      request.contract === 'http-route' ? [{ host: request.host, service: consumer.id, address }] : [],
    )
    .sort((a, b) => (a.host < b.host ? -1 : 1));
}

/** One line per host: a lookup in a tree, however many there are. */
export function routesMap(routes: Route[]): string {
  return routes.map(({ host, service }) => `${host} ${service}\n`).join('');
}

/**
 * haproxy.cfg (https://docs.haproxy.org/3.0/configuration.html). TLS passes through unopened; the client's
 * address goes ahead of it in a PROXY v2 header. How many connections fit follows from the descriptors the
 * container is given, at most 16384, which also bounds the memory; threads are as many as the machine has.
 */
export function haproxyCfg(routes: Route[]): string {
  const servers = [...new Map(routes.map((route) => [route.service, route])).values()]
    .map(({ service, address }) => `  server ${service} [${address}]:${PROXY_PORT}\n`)
    .join('');
  const known = `${LIVE}/routes.map`;
  return `global
  log stdout format raw daemon notice
  stats socket /run/haproxy/admin.sock mode 600 level admin expose-fd listeners
  fd-hard-limit 16384
  # After a reload the old process serves its open connections to their end, but not for ever.
  hard-stop-after 30m
  mworker-max-reloads 10

defaults
  log global
  option dontlog-normal
  option tcpka
  timeout connect 5s
  timeout client-fin 30s
  timeout server-fin 30s

frontend tls
  mode tcp
  option tcplog
  option splice-auto
  bind 0.0.0.0:443
  bind [::]:443 v6only
  # Pods close what is idle; this bound is for web sockets and IMAP IDLE, which are silent for up to half an hour.
  timeout client 1h
  tcp-request inspect-delay 5s
  tcp-request content accept if { req.ssl_sni,lower,map(${known}) -m found }
  tcp-request content reject
  default_backend pods

backend pods
  mode tcp
  option splice-auto
  timeout server 1h
  use-server %[req.ssl_sni,lower,map(${known})] if TRUE
  default-server send-proxy-v2
${servers}
frontend plain
  mode http
  option httplog
  bind 0.0.0.0:80
  bind [::]:80 v6only
  timeout client 10s
  timeout http-request 5s
  timeout http-keep-alive 5s
  # As nginx does for IPv6: the same host names, and the rest of the address as it came.
  http-request deny deny_status 400 if HTTP_1.1 !{ req.hdr(host),length gt 0 }
  http-request set-var(txn.host) req.hdr(host),host_only,rtrim(.),lower
  http-request redirect location https://%[var(txn.host)]%[pathq] code 301 if { var(txn.host),map(${known}) -m found }
  http-request return status 404 content-type text/plain string "${NO_SUCH_HOST}"

frontend own
  mode http
  bind 127.0.0.1:8404
  timeout client 10s
  http-request use-service prometheus-exporter if { path /metrics }
  http-request return status 200 content-type text/plain string "ok\\n" if { path /health }
  stats enable
  stats uri /stats
`;
}
