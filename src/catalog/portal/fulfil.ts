import type { Requests } from '../../contracts/contracts.ts';
import type { OidcClientResult } from '../../contracts/oidc-client.ts';
import { secret } from '../../contracts/secret.ts';
import type { Allow, Context, Fulfilment } from '../../contracts/service.ts';
import { siteCa } from '../../model/certificate.ts';
import { type SecretRef, secretRef } from '../../model/secret.ts';

/** Seconds a client shows one secret. */
const SECRET_LIFE = 7 * 86_400;
const SECRET_NAME = 'oidc-secret';
const HTTPS = 443;

/** The secret that a service shows at the portal. */
export function clientSecret(service: string): SecretRef {
  return secretRef(`${service}/${SECRET_NAME}`);
}

/** `oidc-client`, `tile` and `forward-auth` of one service. */
export function fulfil(portal: Context, consumer: Context, requests: Requests): Fulfilment {
  const { id } = consumer.service;
  const asked = Object.entries(requests);
  const client = asked.map(([, request]) => request).find(({ contract }) => contract === 'oidc-client');
  const asks = client ?? asked.map(([, request]) => request).find((one) => one.contract === 'forward-auth');
  return {
    results: Object.fromEntries(
      asked.map(([key, { contract }]) => [key, contract === 'oidc-client' ? clientOf(portal, id) : {}]),
    ),
    ...(client
      ? {
          requests: {
            [SECRET_NAME]: secret({
              name: SECRET_NAME,
              rotation: { every: SECRET_LIFE },
              why: 'shows the portal which service asks',
            }),
          },
        }
      : {}),
    allow: [
      ...(asks ? [connection(id, portal.service.id, `${id} asks the portal who people are`)] : []),
      ...(client?.contract === 'oidc-client' && client.backchannelLogoutPath !== undefined
        ? [connection(portal.service.id, id, `the portal tells ${id} that somebody signed out`)]
        : []),
    ],
  };
}

function clientOf({ service }: Context, consumer: string): OidcClientResult {
  return {
    issuer: `https://${service.host}`,
    clientId: consumer,
    clientSecret: clientSecret(consumer),
    ca: siteCa,
  };
}

/** Both ways go by the public host, which the certificate is for. */
function connection(from: string, to: string, why: string): Allow {
  return { from, to, port: HTTPS, protocol: 'tcp', byHost: true, why };
}
