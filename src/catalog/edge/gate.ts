import type { HttpRouteRequest } from '../../contracts/http-route.ts';
import { LIVE } from '../../model/files.ts';

/*
 * For apps that cannot sign people in: nginx asks the portal about every request (ngx_http_auth_request_module), and tells
 * the app who it is. Who is nobody yet goes to the portal and comes back with a code of one use, for which the portal
 * gives the app's host a cookie of its own. Paths are in `src/portal/gate.ts` too.
 */

/** Where the portal is, and who signs its certificate. */
export interface Gatekeeper {
  host: string;
  /** A public CA does, or the site's. */
  publicCa: boolean;
}

/** PEM of the site's CA. */
export const GATE_CA = 'portal-ca.pem';

/** The state that this browser began with; the portal compares it. */
const BEGUN = '__Host-allod-begun';

/** Who is asking is known by these, in the apps of the world: never from outside. */
const IDENTITY = [
  ...['Remote-User', 'Remote-Groups', 'Remote-Name', 'Remote-Email'],
  ...['X-Remote-User', 'X-Remote-Groups', 'X-Forwarded-User', 'X-Forwarded-Groups', 'X-Forwarded-Email'],
  ...['X-Auth-Request-User', 'X-WebAuth-User'],
];

/** What every app is told of a request, with `told` of who sends it. A place with headers of its own inherits none. */
export function headersFor(told: Record<string, string> = {}): string[] {
  const headers = {
    Host: '$host',
    'X-Real-IP': '$remote_addr',
    'X-Forwarded-For': '$remote_addr',
    'X-Forwarded-Host': '$host',
    'X-Forwarded-Port': '443',
    'X-Forwarded-Proto': 'https',
    Upgrade: '$http_upgrade',
    Connection: '$upgrade_connection',
    Forwarded: '""',
    Proxy: '""',
    'X-Script-Name': '""',
    ...Object.fromEntries(IDENTITY.map((name) => [name, '""'])),
    ...told,
  };
  return Object.entries(headers).map(([name, value]) => `proxy_set_header ${name} ${value};`);
}

/** In the http block, where a route has `signIn`. */
export function gateSettings({ host }: Gatekeeper): string {
  return `
  upstream portal {
    server ${host}:443 max_fails=0;
    keepalive 16;
  }
  # A page leads to the portal; what a script or a program asks for is refused.
  map "$request_method:$http_sec_fetch_mode" $leads_to_portal {
    "~^(GET|HEAD):(navigate)?$" 1;
    default 0;
  }
`;
}

/** The places of a host where people are asked who they are. `indent`: spaces before each line. */
export function gatedPlaces(
  { host, signIn }: HttpRouteRequest,
  app: string,
  keeper: Gatekeeper,
  indent: string,
): string {
  const open = (signIn?.open ?? []).map((prefix) => openPlace(prefix, app));
  const lines = [
    ...open.flat(),
    'location = /.allod/check {',
    '  internal;',
    ...asksPortal('/gate/check', host, keeper),
    '  proxy_pass_request_body off;',
    '  proxy_set_header Content-Length "";',
    '}',
    'location = /.allod/signed-in {',
    '  limit_except GET { deny all; }',
    ...asksPortal('/gate/enter$is_args$args', host, keeper),
    '}',
    'location @portal {',
    '  if ($leads_to_portal = 0) {',
    '    return 401;',
    '  }',
    `  add_header Set-Cookie "${BEGUN}=$request_id; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600";`,
    '  add_header Cache-Control no-store;',
    // The last one is as it came: what is behind it belongs to it.
    `  return 303 "https://${keeper.host}/gate/sign-in?host=$host&state=$request_id&to=$request_uri";`,
    '}',
    'location / {',
    '  auth_request /.allod/check;',
    '  auth_request_set $signed_user $upstream_http_remote_user;',
    '  auth_request_set $signed_groups $upstream_http_remote_groups;',
    '  error_page 401 = @portal;',
    '  # The portal does not answer.',
    '  error_page 500 502 =503 /starting.html;',
    ...headersFor({ 'Remote-User': '$signed_user', 'Remote-Groups': '$signed_groups' }).map((l) => `  ${l}`),
    `  proxy_pass http://${app};`,
    '}',
  ];
  return lines.map((line) => `${indent}${line}\n`).join('');
}

/** Nobody is asked about, and the app is told of nobody. */
function openPlace(prefix: string, app: string): string[] {
  if (!/^\/[\w.~/-]+$/.test(prefix) || prefix.includes('//') || prefix.includes('..'))
    throw new Error(`${prefix} is no prefix of paths`);
  const literal = prefix.replaceAll('.', '\\.');
  return [
    `location ^~ ${prefix} {`,
    '  # The app is given the path as it came, and must not read in it another place than this.',
    `  if ($request_uri !~ "^${literal}") {`,
    '    return 400;',
    '  }',
    `  proxy_pass http://${app};`,
    '}',
  ];
}

function asksPortal(path: string, host: string, { host: portal, publicCa }: Gatekeeper): string[] {
  return [
    `proxy_pass https://portal${path};`,
    'proxy_ssl_verify on;',
    'proxy_ssl_verify_depth 3;',
    `proxy_ssl_trusted_certificate ${LIVE}/${GATE_CA};`,
    // The site's CA signs until the other one has: both are trusted then (SSL_CONF_cmd(3)).
    ...(publicCa
      ? [
          `proxy_ssl_conf_command VerifyCAFile ${LIVE}/${GATE_CA};`,
          'proxy_ssl_conf_command VerifyCAPath /etc/ssl/certs;',
        ]
      : []),
    'proxy_ssl_server_name on;',
    `proxy_ssl_name ${portal};`,
    'proxy_read_timeout 10s;',
    'proxy_connect_timeout 5s;',
    `proxy_set_header Host ${portal};`,
    `proxy_set_header X-Gate-Host ${host};`,
    'proxy_set_header Connection "";',
    'proxy_set_header Accept-Encoding "";',
  ].map((line) => `  ${line}`);
}
