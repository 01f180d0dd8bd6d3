import type { DirectoryBindResult } from '../../contracts/directory-bind.ts';
import type { SecretResult } from '../../contracts/secret.ts';
import type { Context } from '../../contracts/service.ts';
import { LIVE } from '../../model/files.ts';
import type { SecretRef } from '../../model/secret.ts';
import type { PortalConfig } from '../../model/sign-on.ts';

export const PORT = 8300;
export const DATA = '/var/lib/portal';
export const CA = 'ca.pem';

interface Got {
  people: DirectoryBindResult;
  daemon: { path: string };
  cookies: SecretResult;
  signing: SecretResult;
}

/** What the portal is told of the site; clients, gates, tiles and devices are what other services asked for. */
export function portalConfig(
  { site, service }: Context<{ title?: string | undefined }>,
  { people, daemon, cookies, signing }: Got,
): PortalConfig {
  const { host, port, base, people: persons, groups, bind, password } = people;
  return {
    domain: site.domain,
    title: service.settings.title ?? site.domain,
    issuer: `https://${service.host}`,
    port: PORT,
    data: DATA,
    daemon: daemon.path,
    directory: { host, port, base, people: persons, groups, bind, password, ca: `${LIVE}/${CA}` },
    cookieKeys: withPrevious(cookies.ref),
    signingKeys: withPrevious(signing.ref),
    clients: [],
    gates: [],
    tiles: [],
    devices: [],
    administrators: site.administrators,
  };
}

function withPrevious(ref: SecretRef): SecretRef[] {
  return [ref, { ...ref, previous: true }];
}
