import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageRecipe } from '../../src/model/image.ts';

/** Apache with mod_auth_openidc of Debian: a relying party that nobody of us wrote. */
export const apacheRecipe: ImageRecipe = {
  name: 'test-apache-oidc',
  packages: ['apache2', 'libapache2-mod-auth-openidc'],
  users: [{ name: 'party', uid: 10990, home: '/nonexistent' }],
  files: {},
  // What the package switches on by links of its own; the test has a configuration of its own.
  run: ['rm -rf /etc/apache2/*-enabled /var/lib/apache2 /var/www/html'],
};

export interface PartyOptions {
  /** Image built from {@link apacheRecipe}. */
  image: string;
  containersConf: string;
  /** Folder for its files. */
  folder: string;
  /** On 127.0.0.1. */
  port: number;
  issuer: string;
  clientId: string;
  secret: string;
  /** PEM of the CA the issuer's certificate is from. */
  ca: string;
  /** Where the issuer's host is. */
  address: string;
}

/** Redirect URI of a party at a port. */
export function callbackAt(port: number): string {
  return `http://127.0.0.1:${port}/private/back`;
}

/** Runs it; `/private/page` says in the header `X-Who` who is signed in. Returns how it is ended. */
export function startParty(options: PartyOptions): () => void {
  const { image, containersConf, folder, port, issuer, ca, address } = options;
  mkdirSync(join(folder, 'www/private'), { recursive: true });
  writeFileSync(join(folder, 'www/private/page'), 'a private page\n');
  writeFileSync(join(folder, 'ca.pem'), ca);
  writeFileSync(join(folder, 'httpd.conf'), configuration(options), { mode: 0o644 });
  const name = `test-apache-oidc-${port}`;
  const env = { ...process.env, CONTAINERS_CONF: containersConf };
  spawnSync('podman', ['rm', '--force', '--ignore', name], { env });
  execFileSync(
    'podman',
    [
      ...['run', '--detach', '--rm', '--name', name, '--network', 'host', '--user', '10990'],
      ...['--add-host', `${new URL(issuer).hostname}:${address}`, '--tmpfs', '/run/party'],
      ...['-v', `${folder}:/party:ro`, image, '/usr/sbin/apache2', '-X', '-f', '/party/httpd.conf'],
    ],
    { env, stdio: 'pipe' },
  );
  return () => {
    spawnSync('podman', ['rm', '--force', '--time', '1', name], { env });
  };
}

function configuration({ port, issuer, clientId, secret }: PartyOptions): string {
  const modules = ['mpm_event', 'authz_core', 'authz_user', 'authn_core', 'auth_openidc', 'headers'];
  return `ServerName 127.0.0.1
ServerRoot /usr/lib/apache2
PidFile /run/party/httpd.pid
DefaultRuntimeDir /run/party
Mutex file:/run/party default
Listen 127.0.0.1:${port}
ErrorLog /dev/stderr
${modules.map((name) => `LoadModule ${name}_module modules/mod_${name}.so`).join('\n')}
DocumentRoot /party/www
OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID ${clientId}
OIDCClientSecret ${secret}
OIDCRedirectURI ${callbackAt(port)}
OIDCCryptoPassphrase ${'a passphrase of the test'.replaceAll(' ', '-')}
OIDCPKCEMethod S256
OIDCScope "openid profile email"
OIDCRemoteUserClaim preferred_username
OIDCCABundlePath /party/ca.pem
OIDCCookieSameSite On
<Location /private/>
  AuthType openid-connect
  Require valid-user
  # Says who it is, with nothing but what the module set.
  Header always set X-Who "expr=%{REMOTE_USER}"
</Location>
`;
}
