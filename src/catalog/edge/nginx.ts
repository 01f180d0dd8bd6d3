import { certificateRefs, siteCa } from '../../contracts/certificate.ts';
import type { HttpRouteRequest } from '../../contracts/http-route.ts';
import type { TlsPortRequest } from '../../contracts/tls-port.ts';
import { type FileSpec, LIVE, text } from '../../model/files.ts';
import type { Container } from '../../model/pod.ts';
import { GATE_CA, type Gatekeeper, gatedPlaces, gateSettings, headersFor } from './gate.ts';
import { NO_SUCH_HOST, PROXY_PORT } from './haproxy.ts';
import { STARTING_PAGE } from './starting-page.ts';

const UID = 10080;
const RUN = '/run/nginx';

/** A place with headers of its own does not inherit those of its server. */
const ADD_HSTS = `add_header Strict-Transport-Security $hsts always;
`;
/** Never without TLS, which the answer to plain HTTP at port 443 is (RFC 6797 section 7.2). */
const HSTS = `  map $https $hsts {
    on max-age=31536000;
  }
  ${ADD_HSTS}`;

/** What is written down of a request: not what opens something to whoever reads it. */
const LOGGED_URI = `  map $request_uri $logged_uri {
    "~^/+link/" /link/-;
    "~^(?<logged_path>[^?]*)\\?(.*&)?(code|token|access_token|id_token_hint|logout_token|key)=" "$logged_path?-";
    default $request_uri;
  }
`;

/** How every nginx of a site is set up. */
export interface Entry {
  /** IPv6 that may hand over a client's address. */
  edge: string;
  /** Browsers are told to come by TLS alone from now on (RFC 6797). */
  hsts: boolean;
  portal: Gatekeeper;
}

/** The container that ends TLS in a consumer's pod. */
export function nginxContainer(http: HttpRouteRequest[], tls: TlsPortRequest[], entry: Entry): Container {
  const hosts = [...new Set([...http, ...tls].map(({ host }) => host))].sort();
  return {
    name: 'nginx',
    image: 'nginx',
    command: ['/usr/sbin/nginx', '-e', 'stderr', '-c', `${LIVE}/nginx.conf`],
    user: UID,
    memory: 128,
    files: [
      { path: 'nginx.conf', content: text`${nginxConf(http, tls, entry)}` },
      ...(http.length > 0 ? [{ path: 'starting.html', content: text`${STARTING_PAGE}` }] : []),
      ...(http.some(({ signIn }) => signIn) ? [{ path: GATE_CA, content: text`${siteCa}` }] : []),
      ...hosts.flatMap(certificateFiles),
    ],
    mounts: [],
    scratch: [RUN],
    reload: { how: 'signal', signal: 'HUP' },
    proofs: [...http.map(({ host }) => ({ host, port: 443 })), ...tls].map(({ host, port }) => ({
      kind: 'certificate',
      file: `tls/${host}.crt`,
      host,
      port,
    })),
  };
}

function certificateFiles(host: string): FileSpec[] {
  const { chain, key } = certificateRefs(host);
  return [
    { path: `tls/${host}.crt`, content: text`${chain}` },
    { path: `tls/${host}.key`, content: text`${key}` },
  ];
}

/** nginx.conf (https://nginx.org/en/docs/). One worker: one app. No request or answer is kept on disk. */
export function nginxConf(http: HttpRouteRequest[], tls: TlsPortRequest[], entry: Entry): string {
  return `${tls.length > 0 ? 'load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n' : ''}daemon off;
pid ${RUN}/nginx.pid;
worker_processes 1;
error_log stderr warn;
events {
  worker_connections 4096;
}
${http.length > 0 ? httpBlock(http, entry) : ''}${tls.length > 0 ? streamBlock(tls) : ''}`;
}

function httpBlock(routes: HttpRouteRequest[], entry: Entry): string {
  const { edge, hsts, portal } = entry;
  const hosts = routes.map(({ host }) => host).join(' ');
  return `http {
${LOGGED_URI}  log_format main '$remote_addr $host "$request_method $logged_uri $server_protocol" $status $body_bytes_sent $request_time "$http_user_agent"';
  access_log /dev/stdout main buffer=32k flush=1s;
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  server_tokens off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 10000;
  reset_timedout_connection on;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `  ${kind}_temp_path ${RUN}/${kind};\n`).join('')}
${tlsSettings('http')}
  # The edge alone speaks for others; everybody else is who they connect as.
  set_real_ip_from ${edge};
  real_ip_header proxy_protocol;

  # Requests go to the app as they arrive and answers wait in memory, so a slow client fills no disk.
  proxy_http_version 1.1;
  proxy_request_buffering off;
  proxy_max_temp_file_size 0;
  proxy_buffers 16 8k;
  proxy_read_timeout 10m;
  proxy_send_timeout 10m;
${headersFor()
  .map((line) => `  ${line}\n`)
  .join('')}  map $http_upgrade $upgrade_connection {
    default upgrade;
    '' '';
  }
${routes.some(({ signIn }) => signIn) ? gateSettings(portal) : ''}
${hsts ? HSTS : ''}  # The app does not know who signs.
  proxy_hide_header Strict-Transport-Security;

  server {
    listen [::]:443 ssl default_server backlog=4096;
    listen [::]:${PROXY_PORT} ssl proxy_protocol default_server backlog=4096;
    ssl_reject_handshake on;
    # Shaken hands for one host, and asked for another.
    return 421;
  }
  server {
    listen [::]:80 default_server;
    default_type text/plain;
    return 404 "${NO_SUCH_HOST}";
  }
  server {
    listen [::]:80;
    server_name ${hosts};
    return 301 https://$host$request_uri;
  }
${routes.map((route, index) => httpServer(route, index, entry)).join('')}}
`;
}

function httpServer(route: HttpRouteRequest, index: number, { hsts, portal }: Entry): string {
  const { host, port, maxBody = 64, signIn } = route;
  return `
  upstream app${index} {
    server 127.0.0.1:${port} max_fails=0;
    keepalive 32;
  }
  server {
    listen [::]:443 ssl;
    listen [::]:${PROXY_PORT} ssl proxy_protocol;
    http2 on;
    server_name ${host};
    ${certificateLines(host)}
    client_max_body_size ${maxBody}m;
    error_page 502 =503 /starting.html;
${
  signIn
    ? gatedPlaces(route, `app${index}`, portal, '    ')
    : `    location / {
      proxy_pass http://app${index};
    }
`
}    location = /starting.html {
      internal;
      root ${LIVE};
      add_header Retry-After 5 always;
      add_header Cache-Control no-store always;
${hsts ? `      ${ADD_HSTS}` : ''}    }
  }
`;
}

function streamBlock(ports: TlsPortRequest[]): string {
  return `stream {
  log_format main '$remote_addr :$server_port $status $bytes_received $bytes_sent $session_time';
  access_log /dev/stdout main buffer=32k flush=1s;
${tlsSettings('stream')}
  # Longer than the half hour that IMAP IDLE may be silent (RFC 2177).
  proxy_timeout 1h;
  proxy_connect_timeout 5s;
${ports.map(streamServer).join('')}}
`;
}

function streamServer({ host, port, target }: TlsPortRequest): string {
  return `
  server {
    listen ${port} ssl so_keepalive=on;
    listen [::]:${port} ssl so_keepalive=on;
    ${certificateLines(host)}
    proxy_pass 127.0.0.1:${target};
  }
`;
}

function certificateLines(host: string): string {
  return `ssl_certificate ${LIVE}/tls/${host}.crt;
    ssl_certificate_key ${LIVE}/tls/${host}.key;`;
}

/** What every client of the last ten years speaks, with forward secrecy (RFC 9325). */
function tlsSettings(block: 'http' | 'stream'): string {
  return `  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;
  ssl_prefer_server_ciphers off;
  ssl_session_cache shared:${block}:2m;
  ssl_session_timeout 1d;`;
}
