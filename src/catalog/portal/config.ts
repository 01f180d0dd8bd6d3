import type { DirectoryBindResult } from '../../contracts/directory-bind.ts';
import { type SecretRequest, type SecretResult, secret } from '../../contracts/secret.ts';
import type { Context, Received } from '../../contracts/service.ts';
import { LIVE } from '../../model/files.ts';
import type { PortalConfig, SignOnClient } from '../../model/sign-on.ts';
import { clientsOf, devicesOf, gatesOf, tilesOf, withPrevious } from './received.ts';
import type { Settings } from './settings.ts';

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
  { site, service }: Context<Settings>,
  got: Got & Record<string, unknown>,
  received: Received[],
): PortalConfig {
  const { people, daemon, cookies, signing } = got;
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
    clients: [
      ...clientsOf(received),
      ...outsideClients(service.settings, got as Record<string, SecretResult>),
    ],
    gates: gatesOf(received),
    tiles: tilesOf(received),
    devices: devicesOf(received),
    administrators: site.administrators,
  };
}

/** Of apps elsewhere: they are told a new one by a person, so only a person asks for it. */
export function clientSecrets({ clients }: Settings): Record<string, SecretRequest> {
  return Object.fromEntries(
    Object.entries(clients).map(([id, { title }]) => [
      keyOf(id),
      secret({ name: `client-${id}`, why: `${title} shows with it who it is` }),
    ]),
  );
}

function outsideClients({ clients }: Settings, secrets: Record<string, SecretResult>): SignOnClient[] {
  return Object.entries(clients).flatMap(([id, { title, redirect, signedOut, logout, access }]) => {
    const own = secrets[keyOf(id)];
    if (!own) return [];
    return {
      // A dot, which no id of a service has: the two never meet.
      id: `app.${id}`,
      elsewhere: true,
      ...{ title, redirectUris: redirect, postLogoutUris: signedOut },
      secrets: withPrevious(own.ref),
      ...(logout === undefined ? {} : { backchannelLogoutUri: logout }),
      ...(access === undefined ? {} : { access }),
    };
  });
}

function keyOf(client: string): string {
  return `client-${client}`;
}
